package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.tensor.TensorSpec;

/** Dropout, by counter-based random numbers. */
final class DropoutKernels {
  private DropoutKernels() {}

  static KernelWay forward(Dropout op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec x = call.inputs().get(0);
    long first = op.firstRow() * (x.elements() / x.dim(0));
    builder.count(first + x.elements());
    return builder
        .elements(
            source(builder),
            "dropout_forward",
            x.elements(),
            in(0),
            in(1),
            in(2),
            out(0),
            out(1),
            StepKernels.words(call, 1),
            of(op.stream()),
            of((int) first),
            of(op.threshold()),
            of(op.scale()),
            of((int) x.elements()))
        .way("elements");
  }

  static KernelWay backward(DropoutBackward op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = builder.count(call.inputs().get(0).elements());
    return builder
        .elements(
            source(builder),
            "dropout_backward",
            count,
            in(0),
            in(1),
            out(0),
            of(op.scale()),
            of(count))
        .way("elements");
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "random.cl");
  }
}
