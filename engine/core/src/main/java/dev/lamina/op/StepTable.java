package dev.lamina.op;

import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;

/**
 * What changes from step to step, kept in device memory so that a recorded step bakes in no value.
 *
 * <p>The tables are an {@code i32[slots, words]} tensor; a one-element cursor names the slot that
 * the running step reads. A slot holds the words below (floats as their bits), then the sample
 * indices of the step's batch. {@link EndStep} moves the cursor on, so several steps can be
 * launched without the host in between.
 */
public final class StepTable {
  /** Float: learning rate of this step. */
  public static final int LEARNING_RATE = 0;

  /** Float: factor on the gradients, one over the number of accumulated batches. */
  public static final int GRADIENT_SCALE = 1;

  /** Float: 0 where this batch starts a new sum of gradients, 1 where it adds to the last. */
  public static final int KEEP_GRADIENTS = 2;

  /** Float: Adam's {@code 1 - beta1^t}. */
  public static final int BIAS_CORRECTION_1 = 3;

  /** Float: Adam's {@code 1 - beta2^t}. */
  public static final int BIAS_CORRECTION_2 = 4;

  /**
   * Int: low and, in the next word, high half of the number of the batch since the run began, the
   * counter of random numbers.
   */
  public static final int STEP = 5;

  /** Int: low and, in the next word, high half of the key of random numbers, a Philox's. */
  public static final int RANDOM_KEY = 7;

  /** Float: share of the past in the moving average of the parameters; 0 at the first update. */
  public static final int AVERAGE_DECAY = 9;

  /** Ints: row of the source, one per row of the batch. */
  public static final int INDICES = 16;

  private StepTable() {}

  /** Returns the words of a slot for a batch of that many rows, whole cache lines. */
  public static int words(int rows) {
    return (INDICES + rows + 15) / 16 * 16;
  }

  /** Returns the spec of {@code slots} tables for batches of up to {@code rows} rows. */
  public static TensorSpec spec(int slots, int rows) {
    return TensorSpec.i32(slots, words(rows));
  }

  /** Returns the spec of the cursor. */
  public static TensorSpec cursor() {
    return TensorSpec.i32(1);
  }

  /** Checks the rows that a gathering op takes from a batch. */
  static void checkRows(String op, int firstRow, int rows) {
    if (firstRow < 0 || rows < 1) {
      throw new ShapeException(
          op + ": rows from " + firstRow + ", " + rows + " of them, are no part of a batch");
    }
  }

  static void check(Op op, TensorSpec tables, TensorSpec cursor, int lastRow) {
    Check.rank(op, "step tables", tables, 2);
    Check.same(op, "step tables", tables, TensorSpec.i32(tables.dim(0), tables.dim(1)));
    Check.same(op, "cursor", cursor, cursor());
    if (tables.dim(1) < INDICES + lastRow) {
      throw new ShapeException(
          op.name() + ": step tables " + tables + " have no index for row " + (lastRow - 1));
    }
  }
}
