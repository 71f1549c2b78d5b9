package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.Map;

/** Batches by the step table, and the end of a step. */
final class StepKernels {
  private StepKernels() {}

  static KernelWay gatherSamples(GatherSamples op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec samples = call.inputs().get(0);
    String type = samples.type() == DataType.U8 ? "u8" : "float";
    KernelSource source = builder.program(Map.of("SAMPLE", type), "elements.cl", "step.cl");
    int channels = builder.count(samples.dim(1));
    int plane = builder.count(samples.dim(2) * samples.dim(3));
    builder.count(call.outputs().get(0).elements());
    for (int channel = 0; channel < channels; channel++) {
      builder.elements(
          source,
          "gather_samples",
          (long) op.rows() * plane,
          in(0),
          in(1),
          in(2),
          out(0),
          words(call, 1),
          of(op.firstRow()),
          of(op.rows()),
          of(channels),
          of(channel),
          of(plane),
          of(op.scale()),
          of(op.mean().get(channel)),
          of(op.deviation().get(channel)));
    }
    return builder.way("gather");
  }

  static KernelWay gatherLabels(GatherLabels op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    return builder
        .elements(
            labels(builder),
            "gather_labels",
            op.rows(),
            in(0),
            in(1),
            in(2),
            out(0),
            words(call, 1),
            of(op.firstRow()),
            of(op.rows()))
        .way("gather");
  }

  static KernelWay endStep(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    for (int cell = 2; cell < call.inputs().size(); cell++) {
      builder.launch(labels(builder), "end_step_cell", 1, 1, in(0), in(1), in(cell), of(cell == 2));
    }
    int slots = builder.count(call.inputs().get(0).dim(0));
    return builder.launch(labels(builder), "end_step_cursor", 1, 1, in(1), of(slots)).way("cells");
  }

  /** Returns the words of a slot of the step tables at an input. */
  static KernelArgument words(OpCall call, int tables) {
    return of(Math.toIntExact(call.inputs().get(tables).dim(1)));
  }

  private static KernelSource labels(CallBuilder builder) {
    return builder.program("elements.cl", "labels.cl");
  }
}
