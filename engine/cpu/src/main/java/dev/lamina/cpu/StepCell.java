package dev.lamina.cpu;

import dev.lamina.op.StepTable;
import java.nio.IntBuffer;
import java.util.List;

/** Reads the table of the running step. */
final class StepCell {
  private final IntBuffer tables;
  private final IntBuffer cursor;
  private final int words;

  private StepCell(IntBuffer tables, IntBuffer cursor, int words) {
    this.tables = tables;
    this.cursor = cursor;
    this.words = words;
  }

  /**
   * Binds to the tables.
   *
   * @param position of the tables among the inputs; the cursor follows
   * @param words of one slot
   */
  static StepCell of(List<CpuBuffer> inputs, int position, long words) {
    return new StepCell(
        inputs.get(position).ints(), inputs.get(position + 1).ints(), Math.toIntExact(words));
  }

  int word(int index) {
    return tables.get(cursor.get(0) * words + index);
  }

  /** Two words: low half, then high half. */
  long wide(int index) {
    return word(index) & 0xFFFFFFFFL | (long) word(index + 1) << Integer.SIZE;
  }

  float real(int index) {
    return Float.intBitsToFloat(word(index));
  }

  /** The source row of a row of the batch. */
  int index(int row) {
    return word(StepTable.INDICES + row);
  }
}
