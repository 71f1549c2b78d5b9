package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.PadChannels;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.tensor.TensorSpec;

/** Whole channels of images moved about. */
final class ChannelKernels {
  private final CallBuilder builder;
  private final OpCall call;
  private final TensorSpec result;
  private final int rows;
  private final int plane;

  private ChannelKernels(OpCall call, KernelTarget target) {
    this.builder = new CallBuilder(call, target);
    this.call = call;
    result = call.outputs().get(0);
    builder.count(result.elements());
    call.inputs().forEach(input -> builder.count(input.elements()));
    rows = (int) result.dim(0);
    plane = (int) (result.dim(2) * result.dim(3));
  }

  static KernelWay concat(OpCall call, KernelTarget target) {
    ChannelKernels kernels = new ChannelKernels(call, target);
    int first = 0;
    for (int input = 0; input < call.inputs().size(); input++) {
      int channels = kernels.channels(input);
      kernels.copy(input, 0, channels, first, 1);
      first += channels;
    }
    return kernels.builder.way("planes");
  }

  static KernelWay slice(SliceChannels op, OpCall call, KernelTarget target) {
    return new ChannelKernels(call, target).copy(0, op.first(), op.count(), 0, 1).way("planes");
  }

  static KernelWay pad(PadChannels op, OpCall call, KernelTarget target) {
    ChannelKernels kernels = new ChannelKernels(call, target);
    int channels = kernels.channels(0);
    kernels.zero(0, op.before());
    kernels.copy(0, 0, channels, op.before(), 1);
    kernels.zero(op.before() + channels, op.after());
    return kernels.builder.way("planes");
  }

  static KernelWay shuffle(ShuffleChannels op, OpCall call, KernelTarget target) {
    ChannelKernels kernels = new ChannelKernels(call, target);
    int members = kernels.channels(0) / op.groups();
    for (int group = 0; group < op.groups(); group++) {
      kernels.copy(0, group * members, members, group, op.groups());
    }
    return kernels.builder.way("planes");
  }

  private int channels(int input) {
    return builder.count(call.inputs().get(input).dim(1));
  }

  private CallBuilder copy(int input, int from, int count, int to, int step) {
    return builder.elements(
        source(),
        "copy_channels",
        (long) rows * count * plane,
        in(input),
        out(0),
        of(rows),
        of(plane),
        of(count),
        of(channels(input)),
        of(from),
        of((int) result.dim(1)),
        of(to),
        of(step));
  }

  private void zero(int first, int count) {
    if (count > 0) {
      builder.elements(
          source(),
          "zero_channels",
          (long) rows * count * plane,
          out(0),
          of(rows),
          of(plane),
          of(count),
          of((int) result.dim(1)),
          of(first));
    }
  }

  private KernelSource source() {
    return builder.program("elements.cl", "images.cl");
  }
}
