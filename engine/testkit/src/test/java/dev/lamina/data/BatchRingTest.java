package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.PatternDataset.Gate;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.random.Philox;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ring's order and content under load, and how it stops. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class BatchRingTest {
  private static final int SLOTS = 4;
  private static final int SIZE = 37;
  private static final int ROWS = 5;

  /** A way of running: mapped memory or late copies, and how many loaders. */
  record Way(boolean late, int threads) {
    Device open() {
      ReferenceOptions options = ReferenceOptions.defaults();
      return ReferenceDevice.open(late ? options.likeGpu() : options);
    }
  }

  static Stream<Way> ways() {
    return Stream.of(false, true)
        .flatMap(late -> Stream.of(1, 2, 3, 4).map(threads -> new Way(late, threads)));
  }

  private final PatternDataset dataset = new PatternDataset(SIZE);

  @ParameterizedTest
  @MethodSource("ways")
  void everyBatchOfSeveralEpochsArrivesInOrder(Way way) {
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      for (int epoch = 0; epoch < 4; epoch++) {
        consumer.start(Sampler.shuffled(SIZE, 3, epoch), ROWS, 0);
        assertEquals(8, consumer.batches());
        consumer.finishPass();
      }
      consumer.start(Sampler.sequential(SIZE), 2, 0);
      assertEquals(19, consumer.batches());
      consumer.finishPass();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aPassMayBeginInItsMiddle(Way way) {
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      for (int first = 0; first < 8; first++) {
        consumer.start(Sampler.shuffled(SIZE, 3, first), ROWS, first);
        consumer.finishPass();
      }
    }
  }

  /** Passes end anywhere: with loaders under way, slots ready, steps enqueued or not even that. */
  @ParameterizedTest
  @MethodSource("ways")
  void aPassMayEndAnywhere(Way way) {
    Philox random = new Philox(5, way.threads());
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      for (int pass = 0; pass < 150; pass++) {
        int rows = 1 + random.below(ROWS, pass, 0);
        int batches = (SIZE + rows - 1) / rows;
        consumer.start(Sampler.shuffled(SIZE, 4, pass), rows, random.below(batches, pass, 1));
        int steps = random.below(7, pass, 2);
        for (int step = 0; step < steps && consumer.hasNext(); step++) {
          consumer.step(1 + random.below(3, pass, 3));
        }
        if (random.below(3, pass, 4) == 0) {
          consumer.check();
        }
        if (random.below(4, pass, 5) == 0 && consumer.hasNext()) {
          consumer.check();
          consumer.take();
          consumer.forget();
        }
      }
      consumer.check();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatLoadersFillForAPassThatIsOverIsDropped(Way way) throws InterruptedException {
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      Gate gate = new Gate(0, way.threads());
      dataset.onRead = gate;
      consumer.start(Sampler.shuffled(SIZE, 3, 0), ROWS, 0);
      gate.awaitReaders();
      consumer.start(Sampler.shuffled(SIZE, 3, 1), ROWS, 2);
      gate.open();
      consumer.finishPass();
    }
  }

  /** A device that is late, and a consumer that is slow: loaders come to rest and go on. */
  @ParameterizedTest
  @MethodSource("ways")
  void loadersWaitForASlowConsumer(Way way) throws InterruptedException {
    CountDownLatch full = new CountDownLatch(SLOTS * ROWS);
    AtomicInteger reads = new AtomicInteger();
    dataset.onRead =
        index -> {
          reads.incrementAndGet();
          full.countDown();
        };
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      consumer.start(Sampler.shuffled(SIZE, 3, 0), ROWS, 0);
      full.await();
      awaitLoaders(way.threads());
      assertEquals(SLOTS * ROWS, reads.get());
      consumer.take();
      consumer.forget();
      awaitLoaders(way.threads());
      assertEquals(SLOTS * ROWS, reads.get(), "loaded into a slot that a step may yet read");
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aFailingReadEndsThePassAtItsBatch(Way way) {
    int[] order = Sampler.shuffled(SIZE, 3, 0);
    IllegalStateException reason = new IllegalStateException("the disk is gone");
    for (int failing = 0; failing < 8; failing++) {
      int index = order[failing * ROWS];
      try (Device device = way.open();
          BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
          Consumer consumer = new Consumer(device, dataset, ring)) {
        dataset.onRead =
            read -> {
              if (read == index) {
                throw reason;
              }
            };
        consumer.start(order, ROWS, 0);
        for (int batch = 0; batch < failing; batch++) {
          consumer.step();
        }
        for (int again = 0; again < 2; again++) {
          DataException failed = assertThrows(DataException.class, consumer::take);
          assertSame(reason, failed.getCause());
          assertTrue(failed.getMessage().contains("sample " + index), failed.getMessage());
          assertTrue(failed.getMessage().contains("pattern"), failed.getMessage());
          assertTrue(failed.getMessage().contains("the disk is gone"), failed.getMessage());
        }
      }
      assertNoLoaders();
    }
  }

  @Test
  void aFailureIsOfItsPassAlone() throws InterruptedException {
    DataException reason = new DataException("file x is damaged");
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch failing = new CountDownLatch(1);
    try (Device device = new Way(true, 1).open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, 1);
        Consumer consumer = new Consumer(device, dataset, ring)) {
      dataset.onRead =
          index -> {
            throw reason;
          };
      consumer.start(Sampler.sequential(SIZE), ROWS, 0);
      assertSame(reason, assertThrows(DataException.class, consumer::take));
      consumer.forget();

      dataset.onRead =
          index -> {
            reading.countDown();
            awaitQuietly(failing);
            throw reason;
          };
      consumer.start(Sampler.sequential(SIZE), ROWS, 0);
      reading.await();
      consumer.start(Sampler.shuffled(SIZE, 3, 0), ROWS, 1);
      dataset.onRead = index -> {};
      failing.countDown();
      consumer.finishPass();
    }
  }

  @Test
  void errorsPassAsTheyAre() {
    StackOverflowError error = new StackOverflowError("in a data set");
    try (Device device = new Way(false, 2).open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, 2)) {
      dataset.onRead =
          index -> {
            throw error;
          };
      ring.start(Sampler.sequential(SIZE), ROWS, 0);
      assertSame(
          error, assertThrows(StackOverflowError.class, () -> ring.next(IntBuffer.allocate(ROWS))));
    }
  }

  @Test
  void dataSetsThatBreakTheirContractAreNamed() {
    assertBroken(new BrokenDataset(-1, 0), "of 20 bytes", "wrote 19");
    assertBroken(new BrokenDataset(1, 0), "BufferOverflow");
    assertBroken(new BrokenDataset(0, 7), "label 7", "0..6");
    assertBroken(new BrokenDataset(0, -1), "label -1", "0..6");
  }

  private void assertBroken(Dataset broken, String... parts) {
    try (Device device = new Way(false, 1).open();
        BatchRing ring = new BatchRing(device, broken, 2, 1)) {
      ring.start(new int[] {3, 4, 5}, 2, 0);
      DataException failed =
          assertThrows(DataException.class, () -> ring.next(IntBuffer.allocate(2)));
      for (String part : parts) {
        assertTrue(failed.getMessage().contains(part), failed.getMessage());
      }
      assertTrue(failed.getMessage().contains("sample 3"), failed.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void waitingForASlowDataSetIsCounted(Way way) throws InterruptedException {
    Gate gate = new Gate(0, 1);
    dataset.onRead = gate;
    try (Device device = way.open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, way.threads());
        Consumer consumer = new Consumer(device, dataset, ring)) {
      consumer.start(Sampler.sequential(SIZE), ROWS, 0);
      assertEquals(0, ring.waitedNanos());
      Thread waiting = Thread.currentThread();
      Thread opener =
          new Thread(
              () -> {
                awaitState(waiting, Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING));
                gate.open();
              });
      opener.start();
      long start = System.nanoTime();
      consumer.step();
      long most = System.nanoTime() - start;
      opener.join();
      long waited = ring.waitedNanos();
      assertTrue(waited > 0 && waited <= most, waited + " of " + most);
      consumer.finishPass();
      assertTrue(ring.waitedNanos() >= waited);
    }
  }

  @Test
  void whatIsReadyOrComputedMeanwhileIsNoWait() throws InterruptedException {
    try (Device device = new Way(true, 2).open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, 2);
        Consumer consumer = new Consumer(device, dataset, ring)) {
      consumer.start(Sampler.sequential(SIZE), ROWS, 0);
      awaitLoaders(2);
      for (int step = 0; step < SLOTS; step++) {
        consumer.step(20_000);
      }
      assertEquals(0, ring.waitedNanos());
      // The ring is full of enqueued steps: what follows waits for the device, not for data.
      consumer.step();
      assertEquals(0, ring.waitedNanos());
      consumer.finishPass();
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void closesWhileLoadersWaitOrReadOrNeverStarted(Way way) throws InterruptedException {
    try (Device device = way.open()) {
      new BatchRing(device, dataset, ROWS, way.threads()).close();
      assertNoLoaders();

      BatchRing full = new BatchRing(device, dataset, ROWS, way.threads());
      full.start(Sampler.sequential(SIZE), ROWS, 0);
      awaitLoaders(way.threads());
      full.close();
      full.close();
      assertNoLoaders();

      Gate gate = new Gate(0, way.threads());
      dataset.onRead = gate;
      BatchRing reading = new BatchRing(device, dataset, ROWS, way.threads());
      reading.start(Sampler.sequential(SIZE), ROWS, 0);
      gate.awaitReaders();
      Thread closing = Thread.currentThread();
      Thread opener =
          new Thread(
              () -> {
                awaitState(closing, Set.of(Thread.State.WAITING));
                gate.open();
              });
      opener.start();
      reading.close();
      opener.join();
      assertNoLoaders();
    }
  }

  @Test
  void closesWithStepsEnqueued() {
    for (Way way : ways().toList()) {
      try (Device device = way.open();
          Consumer consumer = consumerOfAClosedRing(device, way.threads())) {
        consumer.check();
      }
    }
  }

  private Consumer consumerOfAClosedRing(Device device, int threads) {
    try (BatchRing ring = new BatchRing(device, dataset, ROWS, threads)) {
      Consumer consumer = new Consumer(device, dataset, ring);
      consumer.start(Sampler.shuffled(SIZE, 3, 0), ROWS, 0);
      consumer.step(50);
      consumer.step(50);
      return consumer;
    }
  }

  @Test
  void anInterruptedWaitSaysSoAndMayBeRepeated() throws InterruptedException {
    Gate gate = new Gate(0, 1);
    dataset.onRead = gate;
    try (Device device = new Way(true, 1).open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, 1);
        Consumer consumer = new Consumer(device, dataset, ring)) {
      consumer.start(Sampler.sequential(SIZE), ROWS, 0);
      gate.awaitReaders();
      Thread.currentThread().interrupt();
      DataException interrupted =
          assertThrows(DataException.class, () -> ring.next(IntBuffer.allocate(ROWS)));
      assertTrue(Thread.interrupted());
      assertTrue(interrupted.getMessage().contains("interrupted"), interrupted.getMessage());
      gate.open();
      consumer.finishPass();
    }
  }

  @Test
  void aDataSetMayInterruptItsReader() {
    dataset.onRead = index -> Thread.currentThread().interrupt();
    try (Device device = new Way(false, 2).open();
        BatchRing ring = new BatchRing(device, dataset, ROWS, 2);
        Consumer consumer = new Consumer(device, dataset, ring)) {
      for (int epoch = 0; epoch < 3; epoch++) {
        consumer.start(Sampler.shuffled(SIZE, 3, epoch), ROWS, 0);
        consumer.finishPass();
      }
    }
  }

  @Test
  void closingIsNotCutShortByAnInterrupt() throws InterruptedException {
    Gate gate = new Gate(0, 1);
    dataset.onRead = gate;
    try (Device device = new Way(false, 1).open()) {
      BatchRing ring = new BatchRing(device, dataset, ROWS, 1);
      ring.start(Sampler.sequential(SIZE), ROWS, 0);
      gate.awaitReaders();
      Thread closing = Thread.currentThread();
      Thread opener =
          new Thread(
              () -> {
                closing.interrupt();
                awaitState(closing, Set.of(Thread.State.WAITING));
                gate.open();
              });
      opener.start();
      ring.close();
      assertTrue(Thread.interrupted());
      opener.join();
      assertNoLoaders();
    }
  }

  @Test
  void misuseIsRefusedInsteadOfWaitedFor() {
    try (Device device = new Way(true, 1).open()) {
      assertThrows(IllegalArgumentException.class, () -> new BatchRing(device, dataset, ROWS, 0));
      BatchRing ring = new BatchRing(device, dataset, ROWS, 1);
      IntBuffer indices = IntBuffer.allocate(8 * ROWS);
      int[] order = Sampler.sequential(SIZE);
      assertThrows(IllegalStateException.class, () -> ring.next(indices), "before start");
      assertThrows(IllegalArgumentException.class, () -> ring.start(order, ROWS + 1, 0));
      assertThrows(IllegalArgumentException.class, () -> ring.start(order, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> ring.start(order, ROWS, -1));
      assertThrows(IllegalArgumentException.class, () -> ring.start(order, ROWS, 9));
      ring.start(order, ROWS, 6);
      assertThrows(IllegalStateException.class, ring::used, "before next");
      assertEquals(ROWS, ring.next(indices));
      assertThrows(IllegalStateException.class, () -> ring.next(indices), "without used");
      ring.used();
      assertThrows(IllegalStateException.class, ring::used, "twice");
      assertEquals(2, ring.next(indices));
      ring.used();
      IllegalStateException over =
          assertThrows(IllegalStateException.class, () -> ring.next(indices));
      assertTrue(over.getMessage().contains("8 batches"), over.getMessage());
      ring.start(order, ROWS, 8);
      assertThrows(IllegalStateException.class, () -> ring.next(indices), "nothing left");
      ring.start(order, ROWS, 0);
      ring.close();
      assertThrows(IllegalStateException.class, () -> ring.next(indices), "closed");
      assertThrows(IllegalStateException.class, () -> ring.start(order, ROWS, 0), "closed");
    }
  }

  @Test
  void leavesNothingWhenThereIsNoRoom() {
    for (long room : new long[] {10, 4 * ROWS * 20 + 10}) {
      ReferenceOptions little = ReferenceOptions.defaults().withMemory(1 << 20, room);
      try (Device device = ReferenceDevice.open(little)) {
        assertThrows(
            DeviceOutOfMemoryException.class, () -> new BatchRing(device, dataset, ROWS, 2));
      }
    }
    assertNoLoaders();
  }

  /** Reads a byte too few or too many, or tells a label of no class. */
  private record BrokenDataset(int more, int badLabel) implements Dataset {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public SampleSpec spec() {
      return PatternDataset.SPEC;
    }

    @Override
    public Normalization normalization() {
      return Normalization.identity(1);
    }

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public int label(int index) {
      return badLabel;
    }

    @Override
    public void read(int index, ByteBuffer destination) {
      destination.put(new byte[PatternDataset.SPEC.bytes() + more]);
    }
  }

  private static List<Thread> loaders() {
    List<Thread> loaders = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.isAlive() && thread.getName().startsWith("lamina-loader")) {
        loaders.add(thread);
      }
    }
    return loaders;
  }

  private static void assertNoLoaders() {
    assertEquals(List.of(), loaders());
  }

  /** Returns when all loaders are at rest, waiting for a slot. */
  private static void awaitLoaders(int threads) {
    List<Thread> loaders = loaders();
    assertEquals(threads, loaders.size());
    for (Thread loader : loaders) {
      awaitState(loader, Set.of(Thread.State.WAITING));
    }
  }

  /** Returns when a thread waits in one of these states for something that is to come. */
  private static void awaitState(Thread thread, Set<Thread.State> states) {
    while (!states.contains(thread.getState()) || waitsForLock(thread)) {
      assertTrue(thread.isAlive(), () -> thread.getName() + " has ended");
      Thread.onSpinWait();
    }
  }

  /** Says whether a thread waits for its turn with a lock only: others hold it for a moment. */
  private static boolean waitsForLock(Thread thread) {
    return LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
