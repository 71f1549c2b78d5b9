package dev.lamina.data;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.exec.ResourceStack;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Streams a data set through a ring of slots: loader threads fill pinned host memory, a copy stream
 * uploads while the step before runs, and the slots on the device are one contiguous source from
 * which steps gather. Where the device computes in host memory, loaders write straight into it.
 *
 * <p>A slot is free, then being filled, ready, in use, and free again once the step that gathers
 * from it is done. A sample that cannot be read fails {@link #next} when its batch is due, and no
 * other pass.
 */
public final class BatchRing implements BatchFeed {
  private static final int SLOTS = 4;

  /** While steps run, the ring looks that often whether one is done and its slot free. */
  private static final long LOOK_NANOS = 100_000;

  private enum State {
    FREE,
    FILLING,
    READY,
    IN_USE
  }

  private static final class Slot {
    private final int firstRow;
    private final ByteBuffer pixels;
    private final ByteBuffer labels;
    private State state = State.FREE;

    /** Why it could not be filled; null if it could. */
    private Throwable failure;

    /** The end of the step that uses the slot. */
    private Event used;

    Slot(int firstRow, ByteBuffer pixels, ByteBuffer labels) {
      this.firstRow = firstRow;
      this.pixels = pixels.duplicate().order(ByteOrder.nativeOrder());
      this.labels = labels.duplicate().order(ByteOrder.nativeOrder());
    }
  }

  /** Which rows make up the batches of a pass; loaders tell passes apart by the object. */
  private record Pass(int[] order, int batchRows, int batches) {}

  private final Device device;
  private final Dataset dataset;
  private final int slotRows;
  private final TensorSpec source;
  private final DeviceArena arena;
  private final DeviceBuffer samples;
  private final DeviceBuffer labels;
  private final boolean mapped;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Thread> loaders = new ArrayList<>();
  private final ResourceStack resources = new ResourceStack();

  // The consumer's own, which no loader looks at.
  private final Deque<Slot> inUse = new ArrayDeque<>();
  private Slot current;
  private int toUse;
  private long waitedNanos;

  /** Guards what follows, and the slots' states. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private Pass pass = new Pass(new int[0], 1, 0);
  private int toLoad;
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
      for (int slot = 0; slot < SLOTS; slot++) {
        slots.add(slot(slot * slotRows));
      }
      for (int thread = 0; thread < threads; thread++) {
        Thread loader = new Thread(this::load, "lamina-loader-" + thread);
        loader.setDaemon(true);
        loader.start();
        loaders.add(loader);
      }
    } catch (RuntimeException | Error broken) {
      close();
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
    lock.lock();
    try {
      requireOpen();
      pass = next;
      toLoad = firstBatch;
      for (Slot slot : slots) {
        // A slot that a loader is filling for the pass before is dropped when the loader is done.
        if (slot.state != State.FILLING) {
          slot.state = State.FREE;
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void load() {
    while (true) {
      Slot slot;
      Pass ofPass;
      int batch;
      lock.lock();
      try {
        while (!closed && !canLoad()) {
          changed.awaitUninterruptibly();
        }
        if (closed) {
          return;
        }
        ofPass = pass;
        batch = toLoad++;
        slot = slots.get(batch % SLOTS);
        slot.state = State.FILLING;
      } finally {
        lock.unlock();
      }
      Throwable failure = fill(slot, ofPass, batch);
      lock.lock();
      try {
        slot.failure = failure;
        slot.state = ofPass == pass ? State.READY : State.FREE;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean canLoad() {
    return toLoad < pass.batches() && slots.get(toLoad % SLOTS).state == State.FREE;
  }

  /** Returns what went wrong, or null. */
  private Throwable fill(Slot slot, Pass of, int batch) {
    try {
      int from = batch * of.batchRows();
      int to = Math.min(of.order().length, from + of.batchRows());
      slot.pixels.clear();
      slot.labels.clear();
      for (int row = from; row < to; row++) {
        SampleCopy.append(dataset, of.order()[row], slot.pixels, slot.labels);
      }
      slot.pixels.flip();
      slot.labels.flip();
      return null;
    } catch (RuntimeException | Error broken) {
      return broken;
    } finally {
      // What interrupted the data set's reading is not meant for the ring's.
      Thread.interrupted();
    }
  }

  @Override
  public void await() {
    if (current != null) {
      throw new IllegalStateException("the batch before was not used: call used() after its step");
    }
    Slot slot = slots.get(toUse % SLOTS);
    while (!isReady(slot)) {
      boolean stepsRun = recycle(slot);
      long from = System.nanoTime();
      pause(slot, stepsRun ? LOOK_NANOS : Long.MAX_VALUE);
      long paused = System.nanoTime() - from;
      // As long as the device has work, nobody waits for data.
      if (!stepsRun || !recycle(slot)) {
        waitedNanos += paused;
      }
    }
    if (slot.failure instanceof Error error) {
      throw error;
    }
    if (slot.failure != null) {
      throw (RuntimeException) slot.failure;
    }
  }

  private boolean isReady(Slot slot) {
    lock.lock();
    try {
      requireOpen();
      if (toUse >= pass.batches()) {
        throw new IllegalStateException(
            "the pass has %d batches, and all were used".formatted(pass.batches()));
      }
      return slot.state == State.READY;
    } finally {
      lock.unlock();
    }
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
      if (inUse.peek() == wanted) {
        wanted.used.await();
      }
      while (!inUse.isEmpty() && inUse.peek().used.done()) {
        free(inUse.remove());
      }
      return !inUse.isEmpty();
    } finally {
      device.turn().unlock();
    }
  }

  private void free(Slot slot) {
    lock.lock();
    try {
      slot.state = State.FREE;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pause(Slot slot, long nanos) {
    lock.lock();
    try {
      if (slot.state != State.READY && !closed) {
        changed.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DataException("interrupted while waiting for a batch of " + dataset.name());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int next(IntBuffer indices) {
    await();
    Slot slot = slots.get(toUse % SLOTS);
    int rows = slot.labels.remaining() / Integer.BYTES;
    for (int row = 0; row < rows; row++) {
      indices.put(slot.firstRow + row);
    }
    if (!mapped) {
      Stream copy = device.copy();
      copy.upload(slot.pixels.duplicate(), samplesOf(slot.firstRow, rows));
      copy.upload(slot.labels.duplicate(), labelsOf(slot.firstRow, rows));
      device.compute().waitFor(copy.record());
    }
    lock.lock();
    try {
      slot.state = State.IN_USE;
    } finally {
      lock.unlock();
    }
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
    current.used = device.compute().record();
    inUse.add(current);
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

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the batch ring of " + dataset.name() + " is closed");
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    loaders.forEach(BatchRing::join);
    device.turn().lock();
    try (resources) {
      device.compute().sync();
      device.copy().sync();
    } finally {
      device.turn().unlock();
    }
  }

  private static void join(Thread loader) {
    boolean interrupted = false;
    while (loader.isAlive()) {
      try {
        loader.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
