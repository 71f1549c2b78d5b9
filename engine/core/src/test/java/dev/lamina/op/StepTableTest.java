package dev.lamina.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepTableTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16, 17, 64, 1000})
  void slotsHoldAllRowsInWholeCacheLines(int rows) {
    int words = StepTable.words(rows);
    assertTrue(words >= StepTable.INDICES + rows, words + " words");
    assertTrue(words < StepTable.INDICES + rows + 16, words + " words");
    assertEquals(0, words % 16);
    assertEquals(TensorSpec.i32(3, words), StepTable.spec(3, rows));
  }
}
