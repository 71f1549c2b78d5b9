package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Picks a batch's samples from a source that lies on the device (a whole data set, or the slots of
 * the batch ring) and normalises them: {@code (value * scale - mean[c]) / deviation[c]}.
 *
 * <p>Inputs: {@code source u8|f32 [s, c, h, w]}, step tables, cursor. Output: {@code f32[rows, c,
 * h, w]}; row {@code r} is source row {@code indices[firstRow + r]} of the current table.
 */
public record GatherSamples(
    int firstRow, int rows, float scale, List<Float> mean, List<Float> deviation) implements Op {
  /** Copies the lists and checks the values. */
  public GatherSamples {
    StepTable.checkRows("gather_samples", firstRow, rows);
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    for (float each : deviation) {
      if (!(each > 0)) {
        throw new ShapeException(
            "gather_samples: deviations must be positive, but are " + deviation);
      }
    }
  }

  @Override
  public String name() {
    return "gather_samples";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 3, 3);
    TensorSpec source = inputs.get(0);
    Check.rank(this, "source", source, 4);
    if (source.type() != DataType.U8 && source.type() != DataType.F32) {
      throw new ShapeException("gather_samples: source must be u8 or f32, but is " + source);
    }
    if (source.dim(1) != mean.size() || mean.size() != deviation.size()) {
      throw new ShapeException(
          "gather_samples: normalization has "
              + mean.size()
              + " channels, but the source is "
              + source);
    }
    StepTable.check(this, inputs.get(1), inputs.get(2), firstRow + rows);
    return List.of(new TensorSpec(DataType.F32, source.shape().with(0, rows)));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long elements = outputs.get(0).elements();
    long read = elements * inputs.get(0).type().bytes() + 4L * rows;
    return new Cost(2 * elements, read + outputs.get(0).bytes());
  }
}
