package dev.lamina.testkit;

import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One op on inputs of given specs and contents, and how near to the reference a device must come.
 *
 * @param rounds how often the op runs in succession; what it mutates carries over
 * @param cursor position of the input that the host sets to the number of the round before each
 *     round but the first; -1 for none
 * @param feed where an input comes from that only the device itself can make; null for none
 */
record OpCase(Op op, List<Input> inputs, Demand demand, int rounds, int cursor, Feed feed) {
  private static final long SEED = 20240607;

  /** One input. */
  record Input(TensorSpec spec, Fill fill) {}

  /** Input {@code input} of the case is output {@code output} of the producer on the device. */
  record Feed(int input, OpCase producer, int output) {}

  /** How results are compared. */
  enum Demand {
    /** By the tolerance table. */
    CLOSE,
    /** Equal. */
    EXACT,
    /**
     * Not finite where the reference is not finite, since a run that diverges must show; rows that
     * are finite in the reference are compared by the tolerance table, others not.
     */
    BROKEN
  }

  /** What the reference makes of a case. */
  record Expected(List<HostTensor> inputs, List<HostTensor> outputs) {}

  OpCase {
    inputs = List.copyOf(inputs);
  }

  static OpCase of(Op op, Input... inputs) {
    return new OpCase(op, List.of(inputs), Demand.CLOSE, 1, -1, null);
  }

  static OpCase of(Op op, List<Input> inputs) {
    return new OpCase(op, inputs, Demand.CLOSE, 1, -1, null);
  }

  static Input f32(Fill fill, long... dims) {
    return new Input(TensorSpec.f32(dims), fill);
  }

  /** Returns this case with results that must be equal. */
  OpCase exact() {
    return new OpCase(op, inputs, Demand.EXACT, rounds, cursor, feed);
  }

  /** Returns this case with NaN and infinity at the start of one input. */
  OpCase broken(int position) {
    List<Input> changed = new ArrayList<>(inputs);
    Input input = inputs.get(position);
    changed.set(position, new Input(input.spec(), input.fill().broken()));
    return new OpCase(op, changed, Demand.BROKEN, rounds, cursor, feed);
  }

  /** Returns this case run several times, the host moving the cursor where there is one. */
  OpCase rounds(int count, int cursorPosition) {
    return new OpCase(op, inputs, demand, count, cursorPosition, feed);
  }

  /** Returns this case with an input made by another case on the same device. */
  OpCase fed(int input, OpCase producer, int output) {
    return new OpCase(op, inputs, demand, rounds, cursor, new Feed(input, producer, output));
  }

  List<TensorSpec> specs() {
    return inputs.stream().map(Input::spec).toList();
  }

  OpCall call(int lanes) {
    return OpCall.of(op, lanes, specs().toArray(TensorSpec[]::new));
  }

  /** Says whether only the device understands an output, so that it cannot be compared. */
  boolean opaque(int output) {
    return op.opaque().contains(output);
  }

  /**
   * Makes the inputs anew; the same for the same lane, others for another. In {@code bf16} they are
   * values that it holds, so that results do not depend on which of them a device stores so.
   */
  List<HostTensor> inputs(int lane, Precision precision) {
    // by the text: hash codes of enum constants differ from run to run
    SplittableRandom random = new SplittableRandom(SEED + 31L * toString().hashCode() + lane);
    List<HostTensor> made = new ArrayList<>();
    for (Input input : inputs) {
      HostTensor values = input.fill().make(input.spec(), random.split());
      made.add(precision == Precision.BF16 ? values.rounded() : values);
    }
    if (feed != null) {
      OpCase producer = feed.producer();
      made.set(
          feed.input(),
          ReferenceOps.evaluate(producer.op(), producer.inputs(lane, precision))
              .get(feed.output()));
    }
    return made;
  }

  /** Runs all rounds on the reference. */
  Expected expected(int lane, Precision precision) {
    List<HostTensor> values = inputs(lane, precision);
    List<HostTensor> outputs = List.of();
    for (int round = 0; round < rounds; round++) {
      if (cursor >= 0 && round > 0) {
        values.get(cursor).values()[0] = round;
      }
      outputs = ReferenceOps.evaluate(op, values);
    }
    return new Expected(values, outputs);
  }

  @Override
  public String toString() {
    String fills =
        switch (demand) {
          case CLOSE -> "";
          case EXACT -> " exact";
          case BROKEN -> " not finite";
        };
    return op + " " + specs() + fills + (rounds > 1 ? " " + rounds + " rounds" : "");
  }
}
