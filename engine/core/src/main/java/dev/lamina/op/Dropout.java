package dev.lamina.op;

import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * Leaves out each element with a probability and scales the others up, so that the mean stays: the
 * "inverted" form of Srivastava et al., "Dropout: a simple way to prevent neural networks from
 * overfitting", 2014, as in PyTorch. Outside training it is nothing at all.
 *
 * <p>Inputs: {@code x} of any shape {@code [n, ...]}; within a step also step tables and cursor,
 * which whoever builds the step adds. Outputs: {@code y = kept * x / (1 - probability)} of x's
 * spec, and {@code kept u8} of x's shape, 0 or 1.
 *
 * <p>Element {@code i} of row {@code r} is kept if the upper 24 bits of {@link Philox#bits} of the
 * table's {@link StepTable#RANDOM_KEY} at step {@code stream << 32 | STEP} and element {@code
 * (firstRow + r) * row length + i} are at least {@link #threshold()}: the same whatever lanes share
 * the batch.
 *
 * @param probability of leaving an element out; at least 0 and below 1
 * @param stream which of the network's dropouts this is, so that no two draw the same numbers
 * @param firstRow row of the batch that is the first of x
 */
public record Dropout(float probability, int stream, int firstRow) implements Op {
  /** Checks the values. */
  public Dropout {
    if (!(probability >= 0 && probability < 1)) {
      throw new ShapeException(
          "dropout: probability must be at least 0 and below 1, not " + probability);
    }
    if (stream < 0 || firstRow < 0) {
      throw new ShapeException(
          "dropout: stream " + stream + " and first row " + firstRow + " must not be negative");
    }
  }

  /** Returns the least 24-bit number that keeps an element. */
  public int threshold() {
    return Math.round(probability * (1 << 24));
  }

  /** Returns the factor on what is kept. */
  public float scale() {
    return 1 / (1 - probability);
  }

  @Override
  public String name() {
    return "dropout";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 1, 3);
    TensorSpec x = inputs.get(0);
    Check.f32(this, "input", x);
    if (inputs.size() > 1) {
      Check.count(this, inputs, 3, 3);
      StepTable.check(this, inputs.get(1), inputs.get(2), 0);
    }
    return List.of(x, new TensorSpec(DataType.U8, x.shape()));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return Cost.of(inputs.get(0).elements(), inputs.subList(0, 1), outputs);
  }

  @Override
  public Optional<Op> atRow(int firstRow) {
    return Optional.of(new Dropout(probability, stream, firstRow));
  }

  @Override
  public Optional<Op> inference() {
    return Optional.empty();
  }

  @Override
  public void gradient(GradientEmitter emitter) {
    if (emitter.wants(0)) {
      Op backward = new DropoutBackward(probability);
      Operand dy = emitter.outputGradient(0);
      emitter.gradient(0, emitter.emit("backward", backward, dy, emitter.output(1))[0]);
    }
  }
}
