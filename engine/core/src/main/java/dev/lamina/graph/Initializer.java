package dev.lamina.graph;

import dev.lamina.random.Philox;

/**
 * How a parameter gets its first values: a pure function of seed, parameter and element.
 *
 * @param distribution what the values are drawn from
 * @param scale bound, standard deviation or value, by the distribution
 */
public record Initializer(Distribution distribution, float scale) {
  /** What values are drawn from. */
  public enum Distribution {
    /** All values are the scale. */
    CONSTANT,
    /** Evenly from minus to plus the scale. */
    UNIFORM,
    /** Normal with mean 0 and the scale as standard deviation. */
    NORMAL
  }

  /** Returns an initializer that sets every element to {@code value}. */
  public static Initializer constant(float value) {
    return new Initializer(Distribution.CONSTANT, value);
  }

  /**
   * Returns PyTorch's default for convolutions and linear layers, weights and biases alike: uniform
   * within {@code 1/sqrt(fanIn)} (He et al. 2015 with a = sqrt(5)).
   *
   * @param fanIn inputs that one output sums over
   */
  public static Initializer fanIn(long fanIn) {
    return new Initializer(Distribution.UNIFORM, (float) (1 / Math.sqrt(fanIn)));
  }

  /**
   * Returns He's normal initialisation for layers before a ReLU: deviation {@code sqrt(2/fan)}.
   *
   * @param fan inputs (or outputs) that one output sums over
   */
  public static Initializer heNormal(long fan) {
    return new Initializer(Distribution.NORMAL, (float) Math.sqrt(2.0 / fan));
  }

  /** Returns the value of one element. */
  public float value(Philox random, long element) {
    return switch (distribution) {
      case CONSTANT -> scale;
      case UNIFORM -> (2 * random.uniform(0, element) - 1) * scale;
      case NORMAL -> random.gaussian(0, element) * scale;
    };
  }
}
