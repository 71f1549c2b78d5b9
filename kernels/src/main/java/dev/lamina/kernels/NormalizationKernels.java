package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.tensor.TensorSpec;

/** Batch normalisation. */
final class NormalizationKernels {
  /** What the kernels want to know of x [samples, channels, plane]. */
  private record Extents(int samples, int channels, int plane) {
    static Extents of(CallBuilder builder, TensorSpec x) {
      builder.count(x.elements());
      return new Extents((int) x.dim(0), (int) x.dim(1), builder.count(x.dim(2) * x.dim(3)));
    }
  }

  private NormalizationKernels() {}

  static KernelWay forward(BatchNorm2d op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    Extents x = Extents.of(builder, call.inputs().get(0));
    return builder
        .channels(
            source(builder),
            "batch_norm_forward",
            x.channels,
            in(0),
            in(1),
            in(2),
            in(3),
            in(4),
            out(0),
            out(1),
            of(x.samples),
            of(x.channels),
            of(x.plane),
            of(op.epsilon()),
            of(op.momentum()))
        .way("channels");
  }

  static KernelWay backward(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    Extents x = Extents.of(builder, call.inputs().get(1));
    return builder
        .channels(
            source(builder),
            "batch_norm_backward",
            x.channels,
            in(0),
            in(1),
            in(2),
            in(3),
            out(0),
            out(1),
            out(2),
            of(x.samples),
            of(x.channels),
            of(x.plane))
        .way("channels", 3);
  }

  static KernelWay inference(BatchNorm2dInference op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec spec = call.inputs().get(0);
    Extents x = Extents.of(builder, spec);
    return builder
        .elements(
            source(builder),
            "batch_norm_inference",
            spec.elements(),
            in(0),
            in(1),
            in(2),
            in(3),
            in(4),
            out(0),
            of(x.samples),
            of(x.channels),
            of(x.plane),
            of(op.epsilon()))
        .way("elements");
  }

  static KernelWay fold(FoldBatchNorm2d op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec weight = call.inputs().get(0);
    builder.count(weight.elements());
    int filters = (int) weight.dim(0);
    boolean biased = call.inputs().size() == 6;
    return builder
        .elements(
            source(builder),
            "batch_norm_fold_weight",
            weight.elements(),
            in(0),
            in(1),
            in(4),
            out(0),
            of(filters),
            of((int) (weight.elements() / filters)),
            of(op.epsilon()))
        .elements(
            source(builder),
            "batch_norm_fold_bias",
            filters,
            in(1),
            in(2),
            in(3),
            in(4),
            in(biased ? 5 : 2),
            out(1),
            of(filters),
            of(biased),
            of(op.epsilon()))
        .way("elements");
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "channels.cl", "norm.cl");
  }
}
