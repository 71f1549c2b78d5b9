package dev.lamina.exec;

import dev.lamina.graph.StepGraph;

/** Keys of the memory that step plans are bound to. */
public final class Keys {
  /** Samples to gather from. */
  public static final String SAMPLES = StepGraph.SAMPLES;

  /** Labels to gather from. */
  public static final String LABELS = StepGraph.LABELS;

  /** Step tables. */
  public static final String TABLES = StepGraph.TABLES;

  /** Cursor into tables and ring. */
  public static final String CURSOR = StepGraph.CURSOR;

  /** Ring of loss cells. */
  public static final String RING = "ring";

  /** Flat parameters. */
  public static final String PARAMETERS = "parameters";

  /** Flat moving averages of the parameters. */
  public static final String AVERAGE = "average";

  /** Flat statistics. */
  public static final String STATISTICS = "statistics";

  /** Flat folded values, derived from parameters and statistics. */
  public static final String FOLDED = "folded";

  /** Flat sum of gradients over batches. */
  public static final String ACCUMULATED = "accumulated";

  /** Class probabilities {@code f32[rows, classes]}. */
  public static final String PROBABILITIES = "probabilities";

  private Keys() {}

  /** Returns the key of the flat gradients of lane {@code lane}. */
  public static String gradients(int lane) {
    return "gradients" + lane;
  }

  /** Returns the key of flat optimizer state {@code index}. */
  public static String state(int index) {
    return "state" + index;
  }
}
