package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BarrierTest {
  @Test
  void noLaneIsAheadByMoreThanOneBarrier() throws InterruptedException {
    int lanes = 3;
    int rounds = 20_000;
    Barrier barrier = new Barrier(lanes);
    AtomicIntegerArray at = new AtomicIntegerArray(lanes);
    AtomicInteger apart = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      int own = lane;
      threads.add(
          new Thread(
              () -> {
                for (int round = 0; round < rounds; round++) {
                  at.set(own, round);
                  for (int other = 0; other < lanes; other++) {
                    if (Math.abs(at.get(other) - round) > 1) {
                      apart.incrementAndGet();
                    }
                  }
                  barrier.await(own);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, apart.get());
  }

  @Test
  void aLaneThatWaitsForLongSleepsAndIsWoken() throws InterruptedException {
    Barrier barrier = new Barrier(2);
    for (int round = 0; round < 20; round++) {
      Thread waiting = new Thread(() -> barrier.await(1));
      waiting.start();
      while (waiting.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      barrier.await(0);
      waiting.join();
    }
  }

  @Test
  void anInterruptDoesNotEndTheWaitAndIsKept() throws InterruptedException {
    Barrier barrier = new Barrier(2);
    AtomicInteger interrupted = new AtomicInteger();
    Thread waiting =
        new Thread(
            () -> {
              barrier.await(1);
              interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            });
    waiting.start();
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    waiting.interrupt();
    while (waiting.isInterrupted()) {
      Thread.onSpinWait();
    }
    assertTrue(waiting.isAlive());
    barrier.await(0);
    waiting.join();
    assertEquals(1, interrupted.get());
  }
}
