package dev.lamina.exec;

import dev.lamina.device.DeviceOutOfMemoryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays tensors of known lifetimes into slabs so that tensors alive together never overlap.
 *
 * <p>Greedy by size (Pisarchyk and Lee, "Efficient memory management for deep neural net
 * inference", 2020): the largest first, each at the lowest offset free for its whole life. A slab
 * never exceeds the device's largest allocation.
 */
final class MemoryPlanner {
  private final int alignment;
  private final long largest;
  private final List<Block> blocks = new ArrayList<>();

  /** A request and, after {@link #plan}, its place. */
  static final class Block {
    private final String name;
    private final long bytes;
    private final int from;
    private int to;
    private int slab;
    private long offset;

    private Block(String name, long bytes, int from) {
      this.name = name;
      this.bytes = bytes;
      this.from = from;
      this.to = from;
    }

    /** Extends the life to that time, inclusive. */
    void usedAt(int time) {
      to = Math.max(to, time);
    }

    Place place() {
      return new Place.Slab(slab, offset);
    }

    private boolean overlapsInTime(Block other) {
      return from <= other.to && other.from <= to;
    }
  }

  MemoryPlanner(int alignment, long largest) {
    this.alignment = alignment;
    this.largest = largest;
  }

  /** Asks for memory from that time on; the block's life is extended by use. */
  Block allocate(String name, long bytes, int time) {
    long aligned = (bytes + alignment - 1) / alignment * alignment;
    if (aligned > largest) {
      throw new DeviceOutOfMemoryException(
          name
              + " needs "
              + aligned
              + " bytes, but the device's largest allocation is "
              + largest
              + "; use a smaller batch");
    }
    Block block = new Block(name, aligned, time);
    blocks.add(block);
    return block;
  }

  /** Places all blocks and returns the bytes of each slab. */
  List<Long> plan() {
    List<Block> order = new ArrayList<>(blocks);
    order.sort(Comparator.comparingLong((Block block) -> -block.bytes));
    List<List<Block>> slabs = new ArrayList<>();
    for (Block block : order) {
      int slab = 0;
      while (true) {
        if (slab == slabs.size()) {
          slabs.add(new ArrayList<>());
        }
        long offset = lowest(slabs.get(slab), block);
        if (offset + block.bytes <= largest) {
          block.slab = slab;
          block.offset = offset;
          slabs.get(slab).add(block);
          break;
        }
        slab++;
      }
    }
    List<Long> sizes = new ArrayList<>();
    for (List<Block> slab : slabs) {
      sizes.add(slab.stream().mapToLong(block -> block.offset + block.bytes).max().orElse(0));
    }
    return sizes;
  }

  private static long lowest(List<Block> placed, Block block) {
    List<Block> rivals = new ArrayList<>();
    for (Block other : placed) {
      if (other.overlapsInTime(block)) {
        rivals.add(other);
      }
    }
    rivals.sort(Comparator.comparingLong(other -> other.offset));
    long offset = 0;
    for (Block rival : rivals) {
      if (offset + block.bytes <= rival.offset) {
        break;
      }
      offset = Math.max(offset, rival.offset + rival.bytes);
    }
    return offset;
  }
}
