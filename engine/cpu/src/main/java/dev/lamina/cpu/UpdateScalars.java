package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.StepTable;
import java.nio.FloatBuffer;
import java.util.List;

/** What an optimizer's update reads beside parameters and gradients. */
final class UpdateScalars {
  private final StepCell cell;
  private final FloatBuffer clip;
  private final float rateFactor;

  UpdateScalars(OptimizerOp op, OpCall call, List<CpuBuffer> inputs) {
    int tables = op.tablesPosition();
    cell = StepCell.of(inputs, tables, call.inputs().get(tables).dim(1));
    clip = op.clipped() ? inputs.get(op.firstGradient() - 1).floats() : null;
    rateFactor = op.rateFactor();
  }

  float rate() {
    return cell.real(StepTable.LEARNING_RATE) * rateFactor;
  }

  /** The factor on the sum of the gradients. */
  float scale() {
    float scale = cell.real(StepTable.GRADIENT_SCALE);
    return clip == null ? scale : scale * clip.get(0);
  }

  float biasCorrection1() {
    return cell.real(StepTable.BIAS_CORRECTION_1);
  }

  float biasCorrection2() {
    return cell.real(StepTable.BIAS_CORRECTION_2);
  }
}
