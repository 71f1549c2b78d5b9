package dev.lamina.data;

import dev.lamina.data.Loaders.Pass;
import dev.lamina.data.Loaders.Slot;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.exec.ResourceStack;
import dev.lamina.tensor.TensorSpec;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Streams a data set through a ring of slots: loader threads fill pinned host memory, a copy stream
 * uploads while the step before runs, and the slots on the device are one contiguous source from
 * which steps gather. Where the device computes in host memory, loaders write straight into it.
 *
 * <p>A slot is free again once the step that gathers from it is done. A sample that cannot be read
 * fails {@link #next} when its batch is due, and no other pass.
 */
public final class BatchRing implements BatchFeed {
  private static final int SLOTS = 4;

  /** While steps run, the ring looks that often whether one is done and its slot free. */
  private static final long LOOK_NANOS = 100_000;

  /** A slot that steps gather from, and the end of the step that does. */
  private record Used(Slot slot, Event end) {}

  private final Device device;
  private final Dataset dataset;
  private final int slotRows;
  private final TensorSpec source;
  private final DeviceArena arena;
  private final DeviceBuffer samples;
  private final DeviceBuffer labels;
  private final boolean mapped;
  private final ResourceStack resources = new ResourceStack();
  private final Loaders loaders;
  private final Deque<Used> inUse = new ArrayDeque<>();
  private Slot current;
  private int toUse;
  private long waitedNanos;
  private boolean closed;

  /**
   * Makes the ring and starts its loaders.
   *
   * @param slotRows rows of the largest batch
   * @param threads loader threads, at least one
   */
  public BatchRing(Device device, Dataset dataset, int slotRows, int threads) {
    if (slotRows < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "a batch ring needs rows and threads, but got %d and %d".formatted(slotRows, threads));
    }
    this.device = device;
    this.dataset = dataset;
    this.slotRows = slotRows;
    int rows = Math.multiplyExact(SLOTS, slotRows);
    source = new TensorSpec(dataset.spec().type(), dataset.spec().batch(rows));
    arena = resources.push(device.arena("batches of " + dataset.name()));
    try {
      samples = arena.allocate("samples", source.bytes());
      labels = arena.allocate("labels", (long) rows * Integer.BYTES);
      arena.seal();
      mapped = samples.mapped().isPresent();
      List<Slot> slots = new ArrayList<>();
      for (int slot = 0; slot < SLOTS; slot++) {
        slots.add(slot(slot * slotRows));
      }
      loaders = new Loaders(dataset, slots, threads);
    } catch (RuntimeException | Error broken) {
      release();
      throw broken;
    }
  }

  private Slot slot(int firstRow) {
    DeviceBuffer pixels = samplesOf(firstRow, slotRows);
    DeviceBuffer classes = labelsOf(firstRow, slotRows);
    if (mapped) {
      return new Slot(firstRow, pixels.mapped().orElseThrow(), classes.mapped().orElseThrow());
    }
    PinnedBuffer pixelStaging = resources.push(device.pinned("batch samples", pixels.bytes()));
    PinnedBuffer labelStaging = resources.push(device.pinned("batch labels", classes.bytes()));
    return new Slot(firstRow, pixelStaging.bytes(), labelStaging.bytes());
  }

  private DeviceBuffer samplesOf(int firstRow, int rows) {
    long sample = dataset.spec().bytes();
    return samples.slice(firstRow * sample, rows * sample);
  }

  private DeviceBuffer labelsOf(int firstRow, int rows) {
    return labels.slice((long) firstRow * Integer.BYTES, (long) rows * Integer.BYTES);
  }

  @Override
  public TensorSpec source() {
    return source;
  }

  @Override
  public DeviceBuffer samples() {
    return samples;
  }

  @Override
  public DeviceBuffer labels() {
    return labels;
  }

  @Override
  public void start(int[] order, int batch, int firstBatch) {
    if (batch < 1 || batch > slotRows) {
      throw new IllegalArgumentException(
          "a batch of %d rows does not fit a slot of %d".formatted(batch, slotRows));
    }
    Pass next = new Pass(order, batch, (order.length + batch - 1) / batch);
    if (firstBatch < 0 || firstBatch > next.batches()) {
      throw new IllegalArgumentException(
          "a pass of %d batches cannot begin with batch %d".formatted(next.batches(), firstBatch));
    }
    device.compute().sync();
    inUse.clear();
    current = null;
    toUse = firstBatch;
    loaders.start(next, firstBatch);
  }

  @Override
  public void await() {
    if (current != null) {
      throw new IllegalStateException("the batch before was not used: call used() after its step");
    }
    Slot slot = loaders.slot(toUse);
    while (!loaders.isReady(toUse)) {
      boolean stepsRun = recycle(slot);
      long from = System.nanoTime();
      loaders.pause(slot, stepsRun ? LOOK_NANOS : Long.MAX_VALUE);
      long paused = System.nanoTime() - from;
      // As long as the device has work, nobody waits for data.
      if (!stepsRun || !recycle(slot)) {
        waitedNanos += paused;
      }
    }
    slot.requireFilled();
  }

  /**
   * Frees the slots whose steps are done, and says whether steps are still under way. If the slot
   * that is wanted next is in use itself, its step is waited for.
   */
  private boolean recycle(Slot wanted) {
    if (inUse.isEmpty()) {
      return false;
    }
    device.turn().lock();
    try {
      if (inUse.peek().slot() == wanted) {
        inUse.peek().end().await();
      }
      while (!inUse.isEmpty() && inUse.peek().end().done()) {
        loaders.free(inUse.remove().slot());
      }
      return !inUse.isEmpty();
    } finally {
      device.turn().unlock();
    }
  }

  @Override
  public int next(IntBuffer indices) {
    await();
    Slot slot = loaders.slot(toUse);
    int rows = slot.rows();
    for (int row = 0; row < rows; row++) {
      indices.put(slot.firstRow() + row);
    }
    if (!mapped) {
      Stream copy = device.copy();
      copy.upload(slot.pixels(), samplesOf(slot.firstRow(), rows));
      copy.upload(slot.labels(), labelsOf(slot.firstRow(), rows));
      device.compute().waitFor(copy.record());
    }
    loaders.take(slot);
    current = slot;
    toUse++;
    return rows;
  }

  @Override
  public boolean resident() {
    return false;
  }

  @Override
  public void used() {
    if (current == null) {
      throw new IllegalStateException("no batch was taken since the last step");
    }
    inUse.add(new Used(current, device.compute().record()));
    recycle(null);
    current = null;
  }

  @Override
  public long waitedNanos() {
    return waitedNanos;
  }

  @Override
  public long bytesInUse() {
    return arena.bytesInUse();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      loaders.close();
      release();
    }
  }

  private void release() {
    device.turn().lock();
    try (resources) {
      device.compute().sync();
      device.copy().sync();
    } finally {
      device.turn().unlock();
    }
  }
}
