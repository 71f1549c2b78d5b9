package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import java.util.Map;

/** Nonlinearities, element by element. */
final class ActivationKernels {
  private ActivationKernels() {}

  static KernelWay forward(Activation op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofElements(call, target);
    int count = builder.count(call.inputs().get(0).elements());
    return builder
        .elements(
            source(builder, op.kind()),
            "activation_forward",
            count,
            in(0),
            out(0),
            of(op.alpha()),
            of(count))
        .way("elements");
  }

  static KernelWay backward(ActivationBackward op, OpCall call, KernelTarget target) {
    CallBuilder builder = CallBuilder.ofElements(call, target);
    int count = builder.count(call.inputs().get(0).elements());
    return builder
        .elements(
            source(builder, op.kind()),
            "activation_backward",
            count,
            in(0),
            in(1),
            out(0),
            of(op.alpha()),
            of(count))
        .way("elements");
  }

  private static KernelSource source(CallBuilder builder, Activation.Kind kind) {
    return builder.program(
        Map.of("KIND", Integer.toString(kind.ordinal())),
        "elements.cl",
        "stored.cl",
        "activation.cl");
  }
}
