package dev.lamina.cli.config;

/** Keys of a {@code run.json} that more than one reader needs. */
public final class RunKeys {
  /** The settings of the run. */
  public static final String CONFIGURATION = "configuration";

  /** The experiment that the run belongs to. */
  public static final String EXPERIMENT = "experiment";

  /** Within the experiment: figures that others reported, by name. */
  public static final String PUBLISHED = "published";

  private RunKeys() {}
}
