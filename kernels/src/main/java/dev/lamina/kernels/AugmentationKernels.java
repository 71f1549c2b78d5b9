package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.tensor.TensorSpec;

/** Samples varied on their way into a batch. */
final class AugmentationKernels {
  private AugmentationKernels() {}

  static KernelWay augment(AugmentSamples op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec source = call.inputs().get(0);
    int channels = builder.count(source.dim(1));
    int height = builder.count(source.dim(2));
    int width = builder.count(source.dim(3));
    builder.count(call.outputs().get(0).elements());
    builder.count((op.firstRow() + (long) op.rows()) * AugmentSamples.WORDS);
    KernelArgument draws = builder.scratch((long) op.rows() * AugmentSamples.WORDS);
    builder.elements(
        source(builder),
        "augmentation_draws",
        op.rows() * (AugmentSamples.WORDS / 4),
        in(1),
        in(2),
        draws,
        StepKernels.words(call, 1),
        of(op.firstRow()),
        of(op.rows()));
    Augmentation how = op.augmentation();
    for (int channel = 0; channel < channels; channel++) {
      builder.elements(
          source(builder),
          "augment_channel",
          (long) op.rows() * height * width,
          in(0),
          in(1),
          in(2),
          draws,
          out(0),
          StepKernels.words(call, 1),
          of(op.firstRow()),
          of(op.rows()),
          of(channels),
          of(channel),
          of(height),
          of(width),
          of(how.flip()),
          of(how.crop()),
          of(how.mostRadians()),
          of(how.cutout()),
          of(Augmentation.span(how.brightness())),
          of(Augmentation.span(how.contrast())),
          of(Augmentation.span(how.saturation())),
          of((int) op.fill().get(channel)));
    }
    return builder.way("pixels");
  }

  static KernelWay normalize(NormalizeSamples op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    TensorSpec pixels = call.inputs().get(0);
    builder.count(pixels.elements());
    int rows = (int) pixels.dim(0);
    int channels = (int) pixels.dim(1);
    int plane = (int) (pixels.dim(2) * pixels.dim(3));
    for (int channel = 0; channel < channels; channel++) {
      builder.elements(
          source(builder),
          "normalize_channel",
          (long) rows * plane,
          in(0),
          out(0),
          of(rows),
          of(channels),
          of(channel),
          of(plane),
          of(op.scale()),
          of(op.mean().get(channel)),
          of(op.deviation().get(channel)));
    }
    return builder.way("pixels");
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "random.cl", "augment.cl");
  }
}
