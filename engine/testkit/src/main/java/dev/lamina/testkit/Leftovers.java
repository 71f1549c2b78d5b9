package dev.lamina.testkit;

import dev.lamina.device.LeakWatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What devices and threads were there when it was made, to tell what is left later. */
final class Leftovers {
  /** Longest wait for threads that are about to end. */
  private static final long PATIENCE_MILLIS = 5_000;

  /** Threads that libraries start and keep, JOCL's for ten idle seconds. */
  private static final List<String> PERMANENT =
      List.of(
          "AsyncOpThread",
          "ForkJoinPool.commonPool",
          "JNA Cleaner",
          "JavaCPP Deallocator",
          "junit-jupiter-timeout-watcher",
          "process reaper");

  private final long patienceMillis;
  private final LeakWatch watch = LeakWatch.start();
  private final Set<Thread> threads = new HashSet<>(live());

  Leftovers() {
    this(PATIENCE_MILLIS);
  }

  Leftovers(long patienceMillis) {
    this.patienceMillis = patienceMillis;
  }

  /**
   * Ends the watch.
   *
   * @throws AssertionError with a line for each thing that is left
   */
  void check(String where) {
    watch.close();
    List<String> left = new ArrayList<>(watch.leaks());
    long end = System.nanoTime() + patienceMillis * 1_000_000;
    for (Thread thread : live()) {
      if (!threads.contains(thread) && runsOn(thread, end)) {
        left.add("thread " + thread.getName() + " still runs");
      }
    }
    if (!left.isEmpty()) {
      throw new AssertionError(where + " left behind: " + String.join("; ", left));
    }
  }

  private static boolean runsOn(Thread thread, long end) {
    try {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return thread.isAlive();
  }

  /** Returns the running threads that are not the JVM's or a library's own. */
  private static List<Thread> live() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getThreadGroup() != null)
        .filter(thread -> thread.getThreadGroup().getParent() != null)
        .filter(thread -> !thread.getThreadGroup().getName().equals("InnocuousThreadGroup"))
        .filter(thread -> PERMANENT.stream().noneMatch(thread.getName()::startsWith))
        .toList();
  }
}
