package dev.lamina.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryDescTest {

  @ParameterizedTest
  @ValueSource(strings = {"abcd", "acdb", "cdba", "aBcd8b", "ABcd8a8b", "ABcd8b8a", "Acdb8a"})
  void aNamedLayoutKeepsItsNameAndItsValues(String tag) {
    MemoryDesc desc = MemoryDesc.of(tag, 17, 6, 3, 5);
    assertEquals(tag, desc.tag());
    float[] values = Harness.random(5, 17, 6, 3, 5);
    try (NativeMemory stored = Harness.stored(values, desc)) {
      assertArrayEquals(values, Harness.values(stored, desc));
    }
  }

  @Test
  void aBlockedLayoutCountsItsPadding() {
    MemoryDesc desc = MemoryDesc.of("aBcd8b", 2, 6, 3, 3);
    assertArrayEquals(new long[] {2, 8, 3, 3}, desc.paddedDims());
    assertTrue(desc.padded());
    assertEquals(2 * 8 * 3 * 3 * 4, desc.bytes());
    assertFalse(MemoryDesc.of("aBcd8b", 2, 8, 3, 3).padded());
  }

  @Test
  void equalMeansSameShapeAndSameBytes() {
    assertEquals(MemoryDesc.of("acdb", 2, 6, 3, 3), MemoryDesc.of("acdb", 2, 6, 3, 3));
    assertNotEquals(MemoryDesc.of("acdb", 2, 6, 3, 3), MemoryDesc.of("abcd", 2, 6, 3, 3));
    assertNotEquals(MemoryDesc.of("acdb", 2, 6, 3, 3), MemoryDesc.of("acdb", 2, 3, 6, 3));
    assertEquals(
        MemoryDesc.of("ab", 3, 4), MemoryDesc.strided(new long[] {3, 4}, new long[] {4, 1}));
  }

  @Test
  void formTellsWhatLiesWhere() {
    String blocked = MemoryDesc.of("aBcd8b", 2, 6, 3, 5).form();
    assertEquals("a2c3d5b8", blocked);
    assertEquals(blocked, MemoryDesc.of("acdb", 2, 8, 3, 5).form());
    assertEquals("a2b2c3d5b8", MemoryDesc.of("aBcd8b", 2, 16, 3, 5).form());
    assertEquals(
        MemoryDesc.of("abcd", 2, 1, 3, 5).form(), MemoryDesc.of("acdb", 2, 1, 3, 5).form());
  }

  @Test
  void refusesALayoutOneDnnDoesNotKnow() {
    IllegalArgumentException failure =
        assertThrows(IllegalArgumentException.class, () -> MemoryDesc.of("nchw9z", 1, 1, 1, 1));
    assertTrue(failure.getMessage().contains("nchw9z"));
  }
}
