package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Makes pixels network inputs: {@code (value * scale - mean[c]) / deviation[c]}, as {@link
 * GatherSamples} does.
 *
 * <p>Input: {@code u8[n, c, h, w]}. Output: {@code f32} of that shape.
 */
public record NormalizeSamples(float scale, List<Float> mean, List<Float> deviation) implements Op {
  /** Copies the lists. */
  public NormalizeSamples {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  @Override
  public String name() {
    return "normalize_samples";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 1);
    TensorSpec pixels = inputs.get(0);
    Check.rank(this, "pixels", pixels, 4);
    Check.type(this, "pixels", pixels, DataType.U8);
    if (pixels.dim(1) != mean.size() || mean.size() != deviation.size()) {
      throw new ShapeException(
          "normalize_samples: normalization has "
              + mean.size()
              + " channels, but the pixels are "
              + pixels);
    }
    return List.of(new TensorSpec(DataType.F32, pixels.shape()));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(2 * inputs.get(0).elements(), inputs, outputs);
  }
}
