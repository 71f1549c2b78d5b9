package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.tensor.DataType;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.train.TrainingOptions.Residency;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A predictor under a server's load, beside others on one device, and how it stops. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class PredictorTest {
  private static final int LARGEST_BATCH = 64;
  private static final int QUEUE = 4 * LARGEST_BATCH;
  private static final Dataset DATA = TinyNetwork.dataset(37);
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withEpochs(3)
          .withBatchSize(8)
          .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f);

  static Stream<ReferenceOptions> devices() {
    return Stream.of(ReferenceOptions.defaults(), ReferenceOptions.defaults().likeGpu());
  }

  private static Model model(Device device) {
    return Model.create(device, TinyNetwork.graph(), 5, new Choices());
  }

  private static Predictor predictor(Model model) {
    return new Predictor(model, TinyNetwork.SPEC, TinyNetwork.NORMALIZATION);
  }

  private static byte[] sample(int index) {
    ByteBuffer pixels = ByteBuffer.allocate(TinyNetwork.SPEC.bytes());
    DATA.read(index % DATA.size(), pixels);
    return pixels.array();
  }

  private static List<float[]> oneByOne(Predictor predictor) {
    List<float[]> answers = new ArrayList<>();
    for (int i = 0; i < DATA.size(); i++) {
      answers.add(predictor.predict(sample(i)));
    }
    return answers;
  }

  private static <T> FutureTask<T> start(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    new Thread(task, "caller").start();
    return task;
  }

  private static FutureTask<Void> startClosing(Predictor predictor) {
    return start(
        () -> {
          predictor.close();
          return null;
        });
  }

  private static void awaitUntil(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      Thread.onSpinWait();
    }
  }

  private static Stream<Thread> callers() {
    return threads("caller");
  }

  private static Stream<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name));
  }

  /** Returns when as many callers wait, for an answer or a place, none of them just for a lock. */
  private static void awaitCallers(int count) throws InterruptedException {
    awaitUntil(() -> callers().filter(PredictorTest::waits).count() >= count);
  }

  private static boolean waits(Thread thread) {
    return Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING).contains(thread.getState())
        && !(LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aThousandShortLivedThreadsAreServedByOne(ReferenceOptions options) throws Exception {
    try (Device device = ReferenceDevice.open(options);
        Model model = model(device);
        Predictor predictor = predictor(model)) {
      List<float[]> expected = oneByOne(predictor);
      for (int round = 0; round < 10; round++) {
        List<FutureTask<float[]>> calls = new ArrayList<>();
        for (int caller = 0; caller < 100; caller++) {
          int index = 100 * round + caller;
          calls.add(start(() -> predictor.predict(sample(index))));
        }
        for (int caller = 0; caller < 100; caller++) {
          int index = (100 * round + caller) % DATA.size();
          assertArrayEquals(expected.get(index), calls.get(caller).get(), 1e-6f);
        }
      }
      awaitUntil(() -> callers().count() == 0);
      assertEquals(1, threads("lamina-predictor").count());
    }
  }

  /** One caller at a time makes batches of one: the same plan, so the same bits. */
  @ParameterizedTest
  @MethodSource("devices")
  void answersAreTheSameBitsForTheSameBatch(ReferenceOptions options) throws Exception {
    try (Device device = ReferenceDevice.open(options);
        Model model = model(device);
        Predictor first = predictor(model);
        Predictor second = predictor(model)) {
      List<float[]> expected = oneByOne(first);
      for (int i = 0; i < DATA.size(); i++) {
        int index = i;
        FutureTask<float[]> one = start(() -> first.predict(sample(index)));
        FutureTask<float[]> other = start(() -> second.predict(sample(index)));
        assertArrayEquals(expected.get(i), one.get());
        assertArrayEquals(expected.get(i), other.get());
      }
    }
  }

  @Test
  void whatGathersRunsAsOneBatchAndEachGetsItsOwn() throws Exception {
    try (ReferenceDevice device = ReferenceDevice.open();
        Model model = model(device);
        Predictor predictor = predictor(model)) {
      List<float[]> expected = oneByOne(predictor);
      List<FutureTask<float[]>> calls = new ArrayList<>();
      long launched = device.counts().launched();
      device.turn().lock();
      try {
        calls.add(start(() -> predictor.predict(sample(0))));
        awaitUntil(() -> device.turn().hasQueuedThreads());
        for (int caller = 1; caller <= LARGEST_BATCH + 10; caller++) {
          int index = caller;
          calls.add(start(() -> predictor.predict(sample(index))));
        }
        awaitCallers(LARGEST_BATCH + 11);
      } finally {
        device.turn().unlock();
      }
      for (int caller = 0; caller < calls.size(); caller++) {
        assertArrayEquals(
            expected.get(caller % DATA.size()), calls.get(caller).get(), 1e-6f, "call " + caller);
      }
      // The first alone, then a full batch, then the rest.
      assertEquals(launched + 3, device.counts().launched());
    }
  }

  @Test
  void takesFloatSamplesToo() {
    SampleSpec spec = SampleSpec.of(DataType.F32, 1, 6, 6, 3);
    try (Device device = ReferenceDevice.open();
        Model model = model(device);
        Predictor pixels = predictor(model);
        Predictor floats = new Predictor(model, spec, Normalization.identity(1))) {
      for (int i = 0; i < 5; i++) {
        byte[] sample = sample(i);
        float[] values = new float[sample.length];
        for (int p = 0; p < values.length; p++) {
          values[p] = ((sample[p] & 0xFF) / 255f - 0.4f) / 0.3f;
        }
        assertArrayEquals(pixels.predict(sample), floats.predict(values), 1e-5f);
      }
      assertThrows(IllegalArgumentException.class, () -> floats.predict(sample(0)));
    }
  }

  @Test
  void closingAnswersWhatIsQueued() throws Exception {
    try (Device device = ReferenceDevice.open();
        Model model = model(device)) {
      Predictor predictor = predictor(model);
      List<float[]> expected = oneByOne(predictor);
      List<FutureTask<float[]>> calls = new ArrayList<>();
      FutureTask<Void> closing;
      device.turn().lock();
      try {
        for (int caller = 0; caller < LARGEST_BATCH + 10; caller++) {
          int index = caller;
          calls.add(start(() -> predictor.predict(sample(index))));
        }
        awaitCallers(calls.size());
        closing = startClosing(predictor);
        awaitCallers(calls.size() + 1);
      } finally {
        device.turn().unlock();
      }
      closing.get();
      for (int caller = 0; caller < calls.size(); caller++) {
        assertArrayEquals(
            expected.get(caller % DATA.size()), calls.get(caller).get(), 1e-6f, "call " + caller);
      }
      IllegalStateException closed =
          assertThrows(IllegalStateException.class, () -> predictor.predict(sample(0)));
      assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
      predictor.close();
    }
  }

  @Test
  void closingRefusesWhoeverWaitsForRoomInTheQueue() throws Exception {
    try (Device device = ReferenceDevice.open();
        Model model = model(device)) {
      Predictor predictor = predictor(model);
      List<FutureTask<float[]>> calls = new ArrayList<>();
      FutureTask<Void> closing;
      int more = 5;
      device.turn().lock();
      try {
        calls.add(start(() -> predictor.predict(sample(0))));
        awaitUntil(() -> device.turn().hasQueuedThreads());
        for (int caller = 0; caller < QUEUE + more; caller++) {
          calls.add(start(() -> predictor.predict(sample(0))));
        }
        awaitCallers(calls.size());
        closing = startClosing(predictor);
        // Those without a place in the queue leave while the device is still busy.
        awaitUntil(() -> calls.stream().filter(FutureTask::isDone).count() >= more);
      } finally {
        device.turn().unlock();
      }
      closing.get();
      int refused = 0;
      for (FutureTask<float[]> call : calls) {
        try {
          assertEquals(3, call.get().length);
        } catch (ExecutionException failed) {
          assertTrue(failed.getCause() instanceof IllegalStateException, failed.toString());
          assertTrue(failed.getCause().getMessage().contains("is closed"), failed.toString());
          refused++;
        }
      }
      assertEquals(more, refused);
    }
  }

  /** Whether a call comes before, during or after closing: an answer or a refusal, never a hang. */
  @Test
  void closingAtAnyMomentLeavesNobodyWaiting() throws Exception {
    try (Device device = ReferenceDevice.open();
        Model model = model(device)) {
      for (int round = 0; round < 40; round++) {
        Predictor predictor = predictor(model);
        CountDownLatch go = new CountDownLatch(1);
        List<FutureTask<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
          callers.add(start(() -> callUntilClosed(predictor, go)));
        }
        go.countDown();
        for (int spin = 0; spin < 2000 * round; spin++) {
          Thread.onSpinWait();
        }
        FutureTask<Void> alsoCloses = startClosing(predictor);
        predictor.close();
        alsoCloses.get();
        for (FutureTask<Integer> caller : callers) {
          caller.get();
        }
      }
    }
  }

  private static int callUntilClosed(Predictor predictor, CountDownLatch go) throws Exception {
    go.await();
    for (int answered = 0; ; answered++) {
      try {
        assertEquals(3, predictor.predict(sample(answered)).length);
      } catch (IllegalStateException closed) {
        assertTrue(closed.getMessage().contains("is closed"), closed.toString());
        return answered;
      }
    }
  }

  @Test
  void anInterruptedCallerLeavesAndTheOthersAreServed() throws Exception {
    try (Device device = ReferenceDevice.open();
        Model model = model(device);
        Predictor predictor = predictor(model)) {
      float[] expected = predictor.predict(sample(3));
      FutureTask<float[]> patient;
      FutureTask<Boolean> impatient =
          new FutureTask<>(
              () -> {
                IllegalStateException interrupted =
                    assertThrows(IllegalStateException.class, () -> predictor.predict(sample(1)));
                assertTrue(interrupted.getMessage().contains("interrupted"));
                return Thread.currentThread().isInterrupted();
              });
      device.turn().lock();
      try {
        Thread thread = new Thread(impatient, "caller");
        thread.start();
        awaitCallers(1);
        patient = start(() -> predictor.predict(sample(3)));
        awaitCallers(2);
        thread.interrupt();
        assertTrue(impatient.get());
      } finally {
        device.turn().unlock();
      }
      assertArrayEquals(expected, patient.get(), 1e-6f);
    }
  }

  @Test
  void closingIsNotCutShortByAnInterrupt() {
    try (Device device = ReferenceDevice.open();
        Model model = model(device)) {
      Predictor predictor = predictor(model);
      predictor.predict(sample(0));
      Thread.currentThread().interrupt();
      predictor.close();
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void whatFailsIsToldToItsCallerAndTheThreadGoesOn() {
    try (Device device = ReferenceDevice.open()) {
      Model model = model(device);
      try (Predictor predictor = predictor(model)) {
        model.close();
        for (int call = 0; call < 2; call++) {
          IllegalStateException failed =
              assertThrows(IllegalStateException.class, () -> predictor.predict(sample(0)));
          assertTrue(failed.getMessage().contains("prediction failed"), failed.getMessage());
          assertTrue(failed.getMessage().contains("closed"), failed.getMessage());
        }
      }
    }
  }

  /** The thread that answers needs the turn, so whoever holds it would wait for ever. */
  @Test
  void whoeverHoldsTheTurnIsRefused() {
    try (Device device = ReferenceDevice.open();
        Model model = model(device);
        Predictor predictor = predictor(model)) {
      device.turn().lock();
      try {
        IllegalStateException refused =
            assertThrows(IllegalStateException.class, () -> predictor.predict(sample(1)));
        assertTrue(refused.getMessage().contains("turn"), refused.getMessage());
        assertThrows(IllegalStateException.class, predictor::close);
      } finally {
        device.turn().unlock();
      }
      assertEquals(3, predictor.predict(sample(1)).length);
    }
  }

  /**
   * Two predictors answer while runs train their model, are set up anew and closed: nobody submits
   * out of turn, and training gives the bits that it gives alone.
   */
  @ParameterizedTest
  @MethodSource("devices")
  void predictorsAndTrainingShareADevice(ReferenceOptions options) throws Exception {
    TrainingOptions streamed = OPTIONS.withResidency(Residency.NEVER).withLoaderThreads(2);
    List<float[]> alone;
    Choices choices = new Choices();
    try (Device device = ReferenceDevice.open(options);
        Model model = Model.create(device, TinyNetwork.graph(), 5, choices)) {
      Trainer.fit(model, DATA, streamed);
      Trainer.fit(model, DATA, OPTIONS);
      alone = parameters(model);
    }
    try (Device device = ReferenceDevice.open(options);
        Model model = Model.create(device, TinyNetwork.graph(), 5, choices)) {
      // Parameters lie as training wants them, as above.
      Trainer.start(model, DATA, Optional.empty(), streamed).close();
      try (Predictor first = predictor(model);
          Predictor second = predictor(model)) {
        CountDownLatch answered = new CountDownLatch(40);
        CountDownLatch trained = new CountDownLatch(1);
        List<FutureTask<Integer>> callers = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
          Predictor predictor = caller % 2 == 0 ? first : second;
          callers.add(start(() -> callUntilTrained(predictor, answered, trained)));
        }
        Trainer.fit(model, DATA, streamed);
        answered.await();
        Trainer.fit(model, DATA, OPTIONS);
        List<float[]> together = parameters(model);
        trained.countDown();
        for (FutureTask<Integer> caller : callers) {
          assertTrue(caller.get() >= 10);
        }
        for (int p = 0; p < alone.size(); p++) {
          assertArrayEquals(alone.get(p), together.get(p));
        }
      }
    }
  }

  private static List<float[]> parameters(Model model) {
    List<float[]> values = new ArrayList<>();
    model.graph().parameters().forEach(p -> values.add(model.parameter(p.name())));
    return values;
  }

  private static int callUntilTrained(
      Predictor predictor, CountDownLatch answered, CountDownLatch trained) {
    int answers = 0;
    for (; trained.getCount() > 0 || answers < 10; answers++) {
      float sum = 0;
      for (float probability : predictor.predict(sample(answers))) {
        sum += probability;
      }
      assertEquals(1, sum, 1e-5f);
      answered.countDown();
    }
    return answers;
  }

  /** A run that waits for its data does not keep the device from others. */
  @ParameterizedTest
  @MethodSource("devices")
  void aRunThatWaitsForDataLetsOthersPredict(ReferenceOptions options) throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch readable = new CountDownLatch(1);
    Dataset slow =
        new HeldDataset(
            DATA,
            index -> {
              reading.countDown();
              readable.await();
            });
    try (Device device = ReferenceDevice.open(options);
        Model model = model(device);
        Predictor predictor = predictor(model)) {
      FutureTask<TrainingResult> training =
          start(() -> Trainer.fit(model, slow, OPTIONS.withResidency(Residency.NEVER)));
      reading.await();
      awaitCallers(1);
      for (int i = 0; i < 3; i++) {
        assertEquals(3, predictor.predict(sample(i)).length);
      }
      assertFalse(training.isDone());
      readable.countDown();
      assertEquals(3, training.get().epochs().size());
    }
  }
}
