package dev.lamina.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's side of a {@link BatchRing}: threads that fill the slots of a ring with the batches of
 * a pass, in order, as slots become free. They touch nothing but the slots' memory.
 *
 * <p>A slot is free, then being filled, ready, in use, and free again when its user says so.
 */
final class Loaders implements AutoCloseable {
  private enum State {
    FREE,
    FILLING,
    READY,
    IN_USE
  }

  /** Host memory of one batch; its state belongs to the loaders, all else to whoever has it. */
  static final class Slot {
    private final int firstRow;
    private final ByteBuffer pixels;
    private final ByteBuffer labels;
    private State state = State.FREE;

    /** Why it could not be filled; null if it could. */
    private Throwable failure;

    Slot(int firstRow, ByteBuffer pixels, ByteBuffer labels) {
      this.firstRow = firstRow;
      this.pixels = pixels.duplicate().order(ByteOrder.nativeOrder());
      this.labels = labels.duplicate().order(ByteOrder.nativeOrder());
    }

    /** Returns its first row among those of the ring. */
    int firstRow() {
      return firstRow;
    }

    /** Returns what was filled in, from position to limit. */
    ByteBuffer pixels() {
      return pixels.duplicate();
    }

    /** Returns what was filled in, from position to limit. */
    ByteBuffer labels() {
      return labels.duplicate();
    }

    /** Returns the rows that were filled in. */
    int rows() {
      return labels.remaining() / Integer.BYTES;
    }

    /** Throws what filling it threw. */
    void requireFilled() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
    }
  }

  /** Which rows make up the batches of a pass; loaders tell passes apart by the object. */
  record Pass(int[] order, int batchRows, int batches) {}

  private final Dataset dataset;
  private final List<Slot> slots;
  private final List<Thread> threads = new ArrayList<>();

  /** Guards what follows, and the slots' states. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private Pass pass = new Pass(new int[0], 1, 0);
  private int toLoad;
  private boolean closed;

  /** Starts that many threads, which wait for a pass. */
  Loaders(Dataset dataset, List<Slot> slots, int threads) {
    this.dataset = dataset;
    this.slots = List.copyOf(slots);
    try {
      for (int thread = 0; thread < threads; thread++) {
        Thread loader = new Thread(this::load, "lamina-loader-" + thread);
        loader.setDaemon(true);
        loader.start();
        this.threads.add(loader);
      }
    } catch (RuntimeException | Error broken) {
      close();
      throw broken;
    }
  }

  /** Starts a pass; all slots are free again, and one that is under way ends. */
  void start(Pass next, int firstBatch) {
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

  /** Returns where a batch is filled in. */
  Slot slot(int batch) {
    return slots.get(batch % slots.size());
  }

  /**
   * Says whether a batch is filled in, or failed to be.
   *
   * @throws IllegalStateException if the pass has no such batch
   */
  boolean isReady(int batch) {
    lock.lock();
    try {
      requireOpen();
      if (batch >= pass.batches()) {
        throw new IllegalStateException(
            "the pass has %d batches, and all were used".formatted(pass.batches()));
      }
      return slot(batch).state == State.READY;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something changed, so long at most, unless the slot is ready already. */
  void pause(Slot slot, long nanos) {
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

  /** Gives a slot that is ready to the caller. */
  void take(Slot slot) {
    lock.lock();
    try {
      slot.state = State.IN_USE;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a slot back that is no longer in use. */
  void free(Slot slot) {
    lock.lock();
    try {
      slot.state = State.FREE;
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
        slot = slot(batch);
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
    return toLoad < pass.batches() && slot(toLoad).state == State.FREE;
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

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the batch ring of " + dataset.name() + " is closed");
    }
  }

  /** Waits until no thread touches a slot any more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    threads.forEach(Loaders::join);
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
