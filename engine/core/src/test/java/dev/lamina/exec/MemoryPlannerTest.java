package dev.lamina.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.random.Philox;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPlannerTest {
  private record Life(MemoryPlanner.Block block, long bytes, int from, int to) {}

  @Test
  void tensorsAliveTogetherNeverOverlap() {
    Philox random = new Philox(3, 0);
    for (int round = 0; round < 200; round++) {
      MemoryPlanner planner = new MemoryPlanner(64, 5_000);
      List<Life> lives = new ArrayList<>();
      long sum = 0;
      for (int i = 0; i < 30; i++) {
        long bytes = 1 + random.below(2_000, round, 3L * i);
        int from = random.below(40, round, 3L * i + 1);
        int to = from + random.below(10, round, 3L * i + 2);
        MemoryPlanner.Block block = planner.allocate("t" + i, bytes, from);
        block.usedAt(to);
        lives.add(new Life(block, bytes, from, to));
        sum += (bytes + 63) / 64 * 64;
      }
      List<Long> slabs = planner.plan();
      long planned = slabs.stream().mapToLong(Long::longValue).sum();
      assertTrue(planned < sum, "sharing saves nothing: " + planned + " of " + sum);
      for (Life life : lives) {
        Place.Slab place = (Place.Slab) life.block().place();
        assertEquals(0, place.offset() % 64);
        assertTrue(place.offset() + life.bytes() <= slabs.get(place.slab()));
        assertTrue(slabs.get(place.slab()) <= 5_000);
        for (Life other : lives) {
          Place.Slab rival = (Place.Slab) other.block().place();
          boolean together =
              life != other
                  && life.from() <= other.to()
                  && other.from() <= life.to()
                  && place.slab() == rival.slab();
          if (together) {
            assertTrue(
                place.offset() + life.bytes() <= rival.offset()
                    || rival.offset() + other.bytes() <= place.offset());
          }
        }
      }
    }
  }

  @Test
  void aTensorLargerThanAnyAllocationIsRefused() {
    MemoryPlanner planner = new MemoryPlanner(64, 1_000);
    DeviceOutOfMemoryException refused =
        assertThrows(DeviceOutOfMemoryException.class, () -> planner.allocate("conv1", 1_001, 0));
    assertTrue(refused.getMessage().contains("conv1 needs 1024 bytes"), refused.getMessage());
  }
}
