package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Class probabilities and the loss on them. */
final class LossKernels {
  private LossKernels() {}

  static KernelWay softmax(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int rows = rows(builder, call);
    return builder
        .elements(
            source(builder),
            "softmax_forward",
            rows,
            in(0),
            out(0),
            of(rows),
            classes(builder, call))
        .way("rows");
  }

  static KernelWay crossEntropy(SoftmaxCrossEntropy op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int rows = rows(builder, call);
    KernelArgument cells = builder.scratch(2L * rows);
    return builder
        .elements(
            source(builder),
            "cross_entropy_rows",
            rows,
            in(0),
            in(1),
            cells,
            // Without a mean nothing is written to the gradient.
            op.meanOver() > 0 ? out(1) : out(0),
            of(rows),
            classes(builder, call),
            of(op.meanOver()))
        .launch(source(builder), "cross_entropy_sum", 1, 1, cells, out(0), of(rows))
        .way("rows");
  }

  static KernelWay weightedCrossEntropy(WeightedCrossEntropy op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int rows = rows(builder, call);
    KernelArgument cells = builder.scratch(2L * rows);
    int classes = builder.count(call.inputs().get(0).dim(1));
    String weights =
        IntStream.range(0, classes)
            .mapToObj(c -> op.weight(c) + "f")
            .collect(Collectors.joining(","));
    return builder
        .elements(
            losses(builder, Map.of("WEIGHTS", weights)),
            "weighted_cross_entropy_rows",
            rows,
            in(0),
            in(1),
            cells,
            // Without a mean nothing is written to the gradient.
            op.meanOver() > 0 ? out(1) : out(0),
            of(rows),
            of(classes),
            of(op.meanOver()),
            of(op.smoothing()))
        .launch(source(builder), "cross_entropy_sum", 1, 1, cells, out(0), of(rows))
        .way("rows");
  }

  static KernelWay targetLoss(TargetLoss op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int rows = rows(builder, call);
    KernelArgument cells = builder.scratch(2L * rows);
    return builder
        .elements(
            losses(builder, Map.of("KIND", Integer.toString(op.kind().ordinal()))),
            "target_loss_rows",
            rows,
            in(0),
            in(1),
            cells,
            op.meanOver() > 0 ? out(1) : out(0),
            of(rows),
            classes(builder, call),
            of(op.meanOver()))
        .launch(source(builder), "cross_entropy_sum", 1, 1, cells, out(0), of(rows))
        .way("rows");
  }

  private static KernelSource losses(CallBuilder builder, Map<String, String> defines) {
    return builder.program(defines, "elements.cl", "softmax.cl", "losses.cl");
  }

  private static int rows(CallBuilder builder, OpCall call) {
    builder.count(call.inputs().get(0).elements());
    return (int) call.inputs().get(0).dim(0);
  }

  private static KernelArgument classes(CallBuilder builder, OpCall call) {
    return of(builder.count(call.inputs().get(0).dim(1)));
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "softmax.cl");
  }
}
