package dev.lamina.train;

import static dev.lamina.train.TinyRuns.DATA;
import static dev.lamina.train.TinyRuns.OPTIONS;
import static dev.lamina.train.TinyRuns.assertClose;
import static dev.lamina.train.TinyRuns.assertSame;
import static dev.lamina.train.TinyRuns.cpuLike;
import static dev.lamina.train.TinyRuns.gpuLike;
import static dev.lamina.train.TinyRuns.lanes;
import static dev.lamina.train.TinyRuns.train;
import static dev.lamina.train.TinyRuns.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.metric.Predictions;
import dev.lamina.metric.Tally;
import dev.lamina.op.Activation;
import dev.lamina.op.Augmentation;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceCounts;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import dev.lamina.train.TinyRuns.Outcome;
import dev.lamina.train.TrainingOptions.Residency;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
  @Test
  void learns() {
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices())) {
      TrainingResult result = Trainer.fit(model, DATA, OPTIONS.withEpochs(12));
      assertEquals(12, result.epochs().size());
      assertFalse(result.cancelled());
      double first = result.epochs().get(0).trainLoss();
      EpochReport last = result.epochs().get(11);
      assertTrue(last.trainLoss() < first / 4, first + " to " + last.trainLoss());
      assertEquals(12 * 5, last.updates());
      try (Evaluator evaluator = new Evaluator(model, DATA)) {
        Tally tally = evaluator.evaluate();
        assertEquals(37, tally.rows());
        assertTrue(tally.accuracy() > 0.9, "accuracy " + tally.accuracy());
      }
    }
  }

  static Stream<TrainingOptions> variants() {
    return Stream.of(
        OPTIONS,
        OPTIONS.withClipNorm(0.05f),
        OPTIONS.withAccumulate(2),
        OPTIONS.withAccumulate(3).withClipNorm(0.5f),
        OPTIONS.withOptimizer(new Optimizer.Adam(1e-2f), 0.01f),
        OPTIONS.withOptimizer(new Optimizer.Adam(0.9f, 0.99f, 1e-6f, 0.1f, true), 0.01f),
        OPTIONS.withOptimizer(new Optimizer.Sgd(0, false, 0), 0.1f),
        OPTIONS.withOptimizer(new Optimizer.Sgd(0.8f, true, 0), 0.05f),
        OPTIONS.withOptimizer(new Optimizer.RmsProp(0.9f, 1e-2f), 0.002f),
        OPTIONS.withOptimizer(new Optimizer.Adagrad(1e-2f), 0.02f),
        OPTIONS.withAugmentation(new Augmentation(true, 1, 20, 2, 0.2f, 0.2f, 0)),
        OPTIONS.withL1(1e-2f).withDecayOfAll(true),
        OPTIONS.withL1(1e-2f).withAccumulate(2).withClipNorm(0.5f).withAverage(0.9f));
  }

  /** Layouts, lanes, queues and streaming are ways of doing the same arithmetic. */
  @ParameterizedTest
  @MethodSource("variants")
  void everyWayOfRunningGivesTheSameNumbers(TrainingOptions options) {
    Outcome plain = train(gpuLike(ReferenceWay.CANONICAL), options, new Choices());
    assertClose(plain, train(cpuLike(ReferenceWay.CANONICAL), options, lanes(4)));
    assertClose(plain, train(cpuLike(ReferenceWay.CANONICAL), options, lanes(1)));
    ReferenceWay[] all = ReferenceWay.values();
    assertClose(plain, train(cpuLike(all), options, new Choices()));
    assertSame(
        plain,
        train(
            gpuLike(ReferenceWay.CANONICAL),
            options.withResidency(Residency.NEVER).withLoaderThreads(3),
            new Choices()));
    assertClose(plain, train(cpuLike(all), options.withResidency(Residency.NEVER), new Choices()));
  }

  /** Masks follow from seed, step and place alone, and there are none outside training. */
  @Test
  void dropoutDependsOnNeitherLanesNorLayouts() {
    Graph graph = TinyNetwork.graph(0.5f);
    Outcome plain =
        train(gpuLike(ReferenceWay.CANONICAL), graph, OPTIONS.withAccumulate(2), new Choices());
    for (int lanes : new int[] {1, 3, 4}) {
      assertClose(
          plain,
          train(cpuLike(ReferenceWay.values()), graph, OPTIONS.withAccumulate(2), lanes(lanes)));
    }
    Outcome without = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, new Choices());
    Outcome with = train(gpuLike(ReferenceWay.CANONICAL), graph, OPTIONS, new Choices());
    assertNotEquals(without.losses(), with.losses());
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model dropping = Model.create(device, graph, 5, new Choices());
        Model plainly = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        Evaluator first = new Evaluator(dropping, DATA);
        Evaluator second = new Evaluator(plainly, DATA)) {
      assertEquals(second.evaluate().loss(), first.evaluate().loss());
    }
  }

  /** One update of plain descent tells what the penalty added to each gradient. */
  @Test
  void l1ActsOnWeightsAndOnTheRestWhenAsked() {
    float rate = 0.5f;
    float l1 = 0.01f;
    TrainingOptions plain =
        OPTIONS
            .withEpochs(1)
            .withBatchSize(20)
            .withAccumulate(2)
            .withOptimizer(new Optimizer.Sgd(0, false, 0), rate);
    Map<String, float[]> start = named(plain.withOptimizer(plain.optimizer(), 1e-30f));
    Map<String, float[]> without = named(plain);
    Map<String, float[]> weights = named(plain.withL1(l1));
    Map<String, float[]> all = named(plain.withL1(l1).withDecayOfAll(true));
    for (String name : start.keySet()) {
      for (int i = 0; i < start.get(name).length; i++) {
        float expected = without.get(name)[i] - rate * l1 * Math.signum(start.get(name)[i]);
        assertEquals(expected, all.get(name)[i], 1e-6f, name);
        boolean weight = name.endsWith("weight");
        assertEquals(weight ? expected : without.get(name)[i], weights.get(name)[i], 1e-6f, name);
      }
    }
  }

  private static Map<String, float[]> named(TrainingOptions options) {
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, lanes(4))) {
      Trainer.fit(model, DATA, options);
      return values(model);
    }
  }

  /** Channels split, changed in part, joined, mixed and filled up, whatever the layouts. */
  @Test
  void movesChannelsInEveryWayOfRunning() {
    GraphBuilder g = new GraphBuilder("channels");
    Value x = g.input("image", TensorSpec.f32(1, 1, 6, 6));
    x = g.padChannels("pad", g.relu(g.conv2d("conv1", x, 6, Window.of(3).pad(1))), 2);
    Value kept = g.sliceChannels("kept", x, 0, 4);
    Value changed = g.sliceChannels("changed", x, 4, 4);
    changed =
        g.activate(g.conv2d("conv2", changed, 4, Window.of(3).pad(1), 4, true), Activation.elu());
    x = g.shuffleChannels("mixed", g.concatChannels("joined", kept, changed), 2);
    Graph graph = g.build(g.linear("fc", g.globalAvgPool2d("pool", x), 3));
    Outcome plain = train(gpuLike(ReferenceWay.CANONICAL), graph, OPTIONS, new Choices());
    assertClose(plain, train(cpuLike(ReferenceWay.values()), graph, OPTIONS, lanes(3)));
    assertTrue(plain.losses().get(2) < plain.losses().get(0), plain.losses().toString());
  }

  @Test
  void anotherSeedShufflesOtherwise() {
    Outcome one = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, new Choices());
    Outcome other = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS.withSeed(2), new Choices());
    assertFalse(one.losses().equals(other.losses()));
  }

  @Test
  void aSteadyStepAllocatesAndPreparesNothing() {
    try (ReferenceDevice device = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu());
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run = Trainer.start(model, DATA, Optional.of(DATA), OPTIONS)) {
      ReferenceCounts before = device.counts();
      run.run();
      ReferenceCounts done = device.counts().since(before);
      assertEquals(0, done.allocations());
      assertEquals(0, done.prepared());
      assertEquals(0, done.recorded());
      // 5 training steps an epoch and one evaluation step, each one launch.
      assertEquals(3 * (5 + 1), done.launched());
      assertTrue(done.waits() < done.launched(), "waits " + done.waits());
    }
  }

  /** The loss of every step counts once, however its results reach the host. */
  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 64, 65, 96, 97, 200, 331})
  void everyStepsResultIsReadOnce(int steps) {
    Dataset data = TinyNetwork.dataset(steps);
    TrainingOptions still =
        OPTIONS
            .withEpochs(2)
            .withBatchSize(1)
            .withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-30f);
    try (ReferenceDevice device = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu());
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        Evaluator evaluator = new Evaluator(model, data)) {
      Tally expected = evaluator.evaluate();
      for (EpochReport epoch : Trainer.fit(model, data, still).epochs()) {
        assertEquals(expected.loss(), epoch.trainLoss(), 1e-6);
        assertEquals(expected.accuracy(), epoch.trainAccuracy(), 1e-12);
      }
    }
  }

  /** Epochs of 67 steps end within a launch, and so do halves of the ring. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 40})
  void severalStepsOfALaunchGiveTheSameBits(int together) {
    Dataset data = TinyNetwork.dataset(67);
    TrainingOptions options =
        OPTIONS.withEpochs(2).withBatchSize(1).withResidency(Residency.ALWAYS);
    ReferenceOptions alone = ReferenceOptions.defaults().likeGpu();
    assertEquals(
        trained(alone, data, options), trained(alone.withStepsPerLaunch(together), data, options));
    assertEquals(
        trained(alone, data, options.withAccumulate(3)),
        trained(alone.withStepsPerLaunch(together), data, options.withAccumulate(3)));
  }

  private static List<Object> trained(
      ReferenceOptions device, Dataset data, TrainingOptions options) {
    try (ReferenceDevice opened = ReferenceDevice.open(device);
        Model model = Model.create(opened, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run = Trainer.start(model, data, Optional.of(data), options)) {
      List<Object> found = new ArrayList<>();
      for (EpochReport epoch : run.run().epochs()) {
        found.add(epoch.trainLoss());
        found.add(epoch.test());
      }
      model
          .graph()
          .parameters()
          .forEach(p -> found.add(Arrays.toString(model.parameter(p.name()))));
      return found;
    }
  }

  /** What a step waits for lies half a ring of results back: the device is never idle for it. */
  @Test
  void theDeviceIsNotDrainedBetweenSteps() {
    Dataset data = TinyNetwork.dataset(320);
    AtomicLong least = new AtomicLong(Long.MAX_VALUE);
    try (ReferenceDevice device = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu());
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(
                model,
                data,
                Optional.empty(),
                OPTIONS
                    .withEpochs(1)
                    .withBatchSize(1)
                    .withLearningRate(
                        moment -> {
                          ReferenceCounts counts = device.counts();
                          long ahead = counts.launched() - counts.runs("end_step");
                          if (moment.update() > 64) {
                            least.accumulateAndGet(ahead, Math::min);
                          }
                          return 0.01f;
                        }))) {
      run.run();
    }
    assertTrue(least.get() >= 31, "only " + least.get() + " steps were enqueued ahead");
  }

  @Test
  void divergenceEndsTheRun() {
    TrainingOptions wild = OPTIONS.withOptimizer(new Optimizer.Sgd(0, false, 0), 1e30f);
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices())) {
      DivergedException diverged =
          assertThrows(DivergedException.class, () -> Trainer.fit(model, DATA, wild));
      assertTrue(diverged.getMessage().contains("learning rate"), diverged.getMessage());
    }
  }

  @Test
  void predictionAgreesWithEvaluation() {
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices())) {
      Trainer.fit(model, DATA, OPTIONS);
      int correct = 0;
      Predictions all;
      try (Predictor predictor =
          new Predictor(model, TinyNetwork.SPEC, TinyNetwork.NORMALIZATION)) {
        all = predictor.predict(DATA);
        assertEquals(DATA.size(), all.size());
        for (int i = 0; i < DATA.size(); i++) {
          ByteBuffer pixels = ByteBuffer.allocate(TinyNetwork.SPEC.bytes());
          DATA.read(i, pixels);
          float[] probabilities = predictor.predict(pixels.array());
          float sum = 0;
          int best = 0;
          for (int c = 0; c < probabilities.length; c++) {
            sum += probabilities[c];
            best = probabilities[c] > probabilities[best] ? c : best;
            assertEquals(probabilities[c], all.probability(i, c), 1e-6f);
          }
          assertEquals(DATA.label(i), all.label(i));
          assertEquals(1, sum, 1e-5);
          correct += best == DATA.label(i) ? 1 : 0;
        }
        assertThrows(IllegalArgumentException.class, () -> predictor.predict(new byte[3]));
        assertThrows(IllegalArgumentException.class, () -> predictor.predict(new float[36]));
        Dataset other =
            InMemoryDataset.ofFloats(
                "other", SampleSpec.of(DataType.F32, 1, 1, 1, 2), new float[1], new int[1]);
        assertThrows(IllegalArgumentException.class, () -> predictor.predict(other));
        Dataset many = TinyNetwork.dataset(150);
        ByteBuffer last = ByteBuffer.allocate(TinyNetwork.SPEC.bytes());
        many.read(149, last);
        float expected = predictor.predict(last.array())[2];
        assertEquals(expected, predictor.predict(many).probability(149, 2), 1e-6f);
      }
      try (Evaluator evaluator = new Evaluator(model, DATA)) {
        Tally tally = evaluator.evaluate();
        assertEquals(tally.correct(), correct);
        assertEquals(tally.accuracy(), all.accuracy());
        assertEquals(tally.loss(), all.loss(), 1e-5);
      }
    }
  }
}
