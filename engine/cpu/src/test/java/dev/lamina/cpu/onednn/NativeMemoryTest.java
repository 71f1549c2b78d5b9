package dev.lamina.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class NativeMemoryTest {

  @Test
  void blocksStartOnCacheLinesAndLargeOnesOnHugePages() {
    try (NativeMemory small = NativeMemory.allocate(100);
        NativeMemory large = NativeMemory.allocate(5 << 20)) {
      assertEquals(0, small.address() % 64);
      assertEquals(0, large.address() % (2 << 20));
    }
  }

  @Test
  void viewsShareTheBlockAndStayInside() {
    NativeMemory memory = NativeMemory.allocate(64);
    memory.view(8, 4).putInt(0, 42);
    assertEquals(42, memory.view(0, 64).getInt(8));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.view(60, 8));
    assertThrows(IndexOutOfBoundsException.class, () -> memory.view(-1, 8));
    memory.close();
    memory.close();
    assertThrows(IllegalStateException.class, () -> memory.view(0, 8));
  }
}
