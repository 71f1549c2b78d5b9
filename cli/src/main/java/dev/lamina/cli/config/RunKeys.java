package dev.lamina.cli.config;

/** Keys of a {@code run.json} that more than one reader needs. */
public final class RunKeys {
  /** The settings of the run. */
  public static final String CONFIGURATION = "configuration";

  private RunKeys() {}
}
