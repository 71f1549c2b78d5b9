package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.tensor.TensorSpec;

/** Local response normalisation. */
final class ResponseKernels {
  private ResponseKernels() {}

  static KernelWay forward(LocalResponseNorm op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec x = call.inputs().get(0);
    int count = builder.count(x.elements());
    return builder
        .elements(
            source(builder),
            "local_response_norm_forward",
            count,
            in(0),
            out(0),
            of((int) x.dim(1)),
            of((int) (x.dim(2) * x.dim(3))),
            of(op.size() / 2),
            of(op.alpha() / op.size()),
            of(op.beta()),
            of(op.k()),
            of(count))
        .way("elements");
  }

  static KernelWay backward(LocalResponseNormBackward op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec x = call.inputs().get(1);
    int count = builder.count(x.elements());
    return builder
        .elements(
            source(builder),
            "local_response_norm_backward",
            count,
            in(0),
            in(1),
            out(0),
            of((int) x.dim(1)),
            of((int) (x.dim(2) * x.dim(3))),
            of(op.size() / 2),
            of(op.alpha() / op.size()),
            of(op.beta()),
            of(op.k()),
            of(count))
        .way("elements");
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "response.cl");
  }
}
