package dev.lamina.cpu;

import java.util.concurrent.locks.LockSupport;

/**
 * The threads of a device. The submitting thread runs lane 0 itself; worker {@code i} runs lane
 * {@code i}. Workers are started when first needed, spin for a moment between steps and then sleep;
 * they are daemons.
 */
final class Crew implements AutoCloseable {
  /** Longer than what a training loop does between two steps. */
  private static final long SPIN_NANOS = 100_000;

  private static final int SPINS_PER_LOOK = 64;

  private final Worker[] workers;
  private volatile boolean closed;

  Crew(int threads) {
    workers = new Worker[threads];
  }

  /** Runs all lanes of a replay and returns when they are done. */
  void run(CpuReplay replay) {
    for (int lane = 1; lane < replay.lanes(); lane++) {
      if (workers[lane] == null) {
        workers[lane] = new Worker(lane);
        workers[lane].start();
      }
      workers[lane].give(replay);
    }
    replay.runLane(0);
  }

  /** Ends the workers and waits until they have ended; none has work at this point. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker != null && worker.isAlive()) {
        LockSupport.unpark(worker);
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int lane;
    private volatile CpuReplay replay;
    private volatile boolean sleeping;

    Worker(int lane) {
      super("lamina-cpu-" + lane);
      this.lane = lane;
      setDaemon(true);
    }

    void give(CpuReplay work) {
      replay = work;
      if (sleeping) {
        LockSupport.unpark(this);
      }
    }

    @Override
    public void run() {
      while (await()) {
        CpuReplay work = replay;
        // Before the last barrier, behind which the submitter may hand out the next work.
        replay = null;
        work.runLane(lane);
      }
    }

    /** Waits for work; false if the crew is closed. */
    private boolean await() {
      long start = System.nanoTime();
      while (replay == null) {
        if (closed) {
          return false;
        }
        for (int i = 0; i < SPINS_PER_LOOK && replay == null; i++) {
          Thread.onSpinWait();
        }
        if (System.nanoTime() - start > SPIN_NANOS) {
          // Announced before the last look, so that work given in between wakes this thread.
          sleeping = true;
          if (replay == null && !closed) {
            LockSupport.park(this);
          }
          sleeping = false;
        }
      }
      return true;
    }
  }
}
