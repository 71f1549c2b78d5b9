package dev.lamina.data;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Streams a data set through a ring of slots: loader threads fill pinned host memory, a copy stream
 * uploads while the step before runs, and the slots on the device are one contiguous source from
 * which steps gather. Where the device computes in host memory, loaders write straight into it.
 *
 * <p>A slot is free, then being filled, ready, in use, and free again once the step that gathers
 * from it is done. The host blocks only when no slot is ready; that wait is counted.
 */
public final class BatchRing implements BatchFeed {
  private static final int SLOTS = 4;

  private enum State {
    FREE,
    FILLING,
    READY,
    IN_USE
  }

  private final class Slot {
    private final int firstRow;
    private final ByteBuffer pixels;
    private final ByteBuffer classes;
    private State state = State.FREE;
    private long batch = -1;
    private Event used;

    Slot(int firstRow, ByteBuffer pixels, ByteBuffer classes) {
      this.firstRow = firstRow;
      this.pixels = pixels.duplicate().order(ByteOrder.nativeOrder());
      this.classes = classes.duplicate().order(ByteOrder.nativeOrder());
    }
  }

  private final Device device;
  private final Dataset dataset;
  private final int slotRows;
  private final TensorSpec source;
  private final DeviceArena arena;
  private final DeviceBuffer samples;
  private final DeviceBuffer labels;
  private final List<PinnedBuffer> pinned = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final List<Thread> loaders = new ArrayList<>();
  private final boolean mapped;

  /** Guards everything below, and the slots' states. */
  private final Object lock = new Object();

  private int[] order = {};
  private int batchRows;
  private long toLoad;
  private long toUse;
  private long batches;
  private long pass;
  private Slot current;
  private long waitedNanos;
  private Throwable failure;
  private boolean closed;

  /**
   * Makes the ring and starts its loaders.
   *
   * @param slotRows rows of the largest batch
   * @param threads loader threads, at least one
   */
  public BatchRing(Device device, Dataset dataset, int slotRows, int threads) {
    this.device = device;
    this.dataset = dataset;
    this.slotRows = slotRows;
    int rows = Math.multiplyExact(SLOTS, slotRows);
    source = new TensorSpec(dataset.spec().type(), dataset.spec().batch(rows));
    arena = device.arena("batches of " + dataset.name());
    try {
      samples = arena.allocate("samples", source.bytes());
      labels = arena.allocate("labels", (long) rows * Integer.BYTES);
      arena.seal();
      mapped = samples.mapped().isPresent();
      for (int slot = 0; slot < SLOTS; slot++) {
        slots.add(slot(slot * slotRows));
      }
    } catch (RuntimeException | Error broken) {
      release();
      throw broken;
    }
    for (int thread = 0; thread < threads; thread++) {
      Thread loader = new Thread(this::load, "lamina-loader-" + thread);
      loader.setDaemon(true);
      loaders.add(loader);
      loader.start();
    }
  }

  private Slot slot(int firstRow) {
    DeviceBuffer pixels = samplesOf(firstRow, slotRows);
    DeviceBuffer classes = labelsOf(firstRow, slotRows);
    if (mapped) {
      return new Slot(firstRow, pixels.mapped().orElseThrow(), classes.mapped().orElseThrow());
    }
    PinnedBuffer pixelStaging = device.pinned("batch samples", pixels.bytes());
    pinned.add(pixelStaging);
    PinnedBuffer classStaging = device.pinned("batch labels", classes.bytes());
    pinned.add(classStaging);
    return new Slot(firstRow, pixelStaging.bytes(), classStaging.bytes());
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
    if (batch > slotRows) {
      throw new IllegalArgumentException(
          "a batch of " + batch + " rows does not fit a slot of " + slotRows);
    }
    device.compute().sync();
    synchronized (lock) {
      pass++;
      this.order = order;
      batchRows = batch;
      batches = (order.length + batch - 1) / batch;
      toLoad = firstBatch;
      toUse = firstBatch;
      current = null;
      for (Slot slot : slots) {
        // A slot that a loader is filling for the pass before is dropped when the loader is done.
        if (slot.state != State.FILLING) {
          slot.state = State.FREE;
        }
        slot.used = null;
      }
      lock.notifyAll();
    }
  }

  private void load() {
    while (true) {
      Slot slot;
      long batch;
      long ofPass;
      int[] rows;
      int perBatch;
      synchronized (lock) {
        while (!closed && free() == null) {
          try {
            lock.wait();
          } catch (InterruptedException interrupted) {
            return;
          }
        }
        if (closed) {
          return;
        }
        slot = free();
        batch = toLoad++;
        slot.state = State.FILLING;
        slot.batch = batch;
        ofPass = pass;
        rows = order;
        perBatch = batchRows;
      }
      Throwable broken = fill(slot, rows, perBatch, batch);
      synchronized (lock) {
        boolean stale = ofPass != pass;
        slot.state = stale ? State.FREE : State.READY;
        if (broken != null && failure == null) {
          failure = broken;
        }
        lock.notifyAll();
      }
    }
  }

  /** The slot of the next batch to load, if there is one to load and its slot is free. */
  private Slot free() {
    if (toLoad >= batches || failure != null) {
      return null;
    }
    Slot slot = slots.get((int) (toLoad % SLOTS));
    return slot.state == State.FREE ? slot : null;
  }

  private Throwable fill(Slot slot, int[] rows, int perBatch, long batch) {
    try {
      int from = (int) (batch * perBatch);
      int to = Math.min(rows.length, from + perBatch);
      slot.pixels.clear();
      slot.classes.clear();
      for (int row = from; row < to; row++) {
        dataset.read(rows[row], slot.pixels);
        slot.classes.putInt(dataset.label(rows[row]));
      }
      slot.pixels.flip();
      slot.classes.flip();
      return null;
    } catch (RuntimeException | Error broken) {
      return broken;
    }
  }

  @Override
  public int next(IntBuffer indices) {
    Slot slot = take();
    int rows = slot.classes.remaining() / Integer.BYTES;
    if (!mapped) {
      Stream copy = device.copy();
      copy.upload(slot.pixels.duplicate(), samplesOf(slot.firstRow, rows));
      copy.upload(slot.classes.duplicate(), labelsOf(slot.firstRow, rows));
      device.compute().waitFor(copy.record());
    }
    for (int row = 0; row < rows; row++) {
      indices.put(slot.firstRow + row);
    }
    return rows;
  }

  private Slot take() {
    long start = System.nanoTime();
    boolean waited = false;
    synchronized (lock) {
      Slot slot = slots.get((int) (toUse % SLOTS));
      while (slot.state != State.READY || slot.batch != toUse) {
        rethrow();
        if (!recycle(false)) {
          waited = true;
          // Nothing is ready: if the device still holds slots, its oldest step is what we wait for.
          if (!recycle(true)) {
            await();
          }
        }
      }
      rethrow();
      recycle(false);
      toUse++;
      slot.state = State.IN_USE;
      current = slot;
      if (waited) {
        waitedNanos += System.nanoTime() - start;
      }
      return slot;
    }
  }

  private void await() {
    try {
      lock.wait();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DataException("interrupted while waiting for a batch of " + dataset.name());
    }
  }

  private void rethrow() {
    if (failure instanceof DataException data) {
      throw data;
    }
    if (failure != null) {
      throw new DataException("loading a batch of " + dataset.name() + " failed", failure);
    }
  }

  /** Frees slots whose step is done, or with {@code block} waits for the oldest of them. */
  private boolean recycle(boolean block) {
    Slot oldest = null;
    boolean freed = false;
    for (Slot slot : slots) {
      if (slot.state == State.IN_USE && slot.used != null) {
        if (slot.used.done()) {
          slot.state = State.FREE;
          slot.used = null;
          freed = true;
        } else if (oldest == null || slot.batch < oldest.batch) {
          oldest = slot;
        }
      }
    }
    if (!freed && block && oldest != null) {
      oldest.used.await();
      oldest.state = State.FREE;
      oldest.used = null;
      freed = true;
    }
    if (freed) {
      lock.notifyAll();
    }
    return freed;
  }

  @Override
  public void used() {
    Event event = device.compute().record();
    synchronized (lock) {
      current.used = event;
      recycle(false);
    }
  }

  @Override
  public long waitedNanos() {
    synchronized (lock) {
      return waitedNanos;
    }
  }

  @Override
  public long bytesInUse() {
    return arena.bytesInUse();
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      lock.notifyAll();
    }
    boolean interrupted = false;
    for (Thread loader : loaders) {
      while (true) {
        try {
          loader.join();
          break;
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    device.compute().sync();
    device.copy().sync();
    release();
  }

  private void release() {
    pinned.forEach(PinnedBuffer::close);
    arena.close();
  }
}
