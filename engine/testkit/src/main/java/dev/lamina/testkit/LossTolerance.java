package dev.lamina.testkit;

import dev.lamina.device.Precision;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.testkit.Tolerances.Tolerance;

/** How near the losses of a training run must be to those of the same run on another device. */
public final class LossTolerance {
  private LossTolerance() {}

  /**
   * Returns the difference that rounding alone makes: the table's row of the loss, in single
   * precision. It holds as long as no value lies so near to where a ReLU or a maximum turns that
   * the two devices choose differently; from there on the runs are two that both learn.
   */
  public static double ofRounding(double loss) {
    Tolerance row = Tolerances.of(new SoftmaxCrossEntropy(1), Precision.F32, false);
    return row.absolute() + row.relative() * Math.abs(loss);
  }
}
