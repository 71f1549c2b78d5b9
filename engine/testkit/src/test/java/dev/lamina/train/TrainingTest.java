package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import dev.lamina.graph.Parameter;
import dev.lamina.graph.Value;
import dev.lamina.io.FormatException;
import dev.lamina.metric.Predictions;
import dev.lamina.metric.Tally;
import dev.lamina.op.Activation;
import dev.lamina.op.Augmentation;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceCounts;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import dev.lamina.train.TrainingOptions.Residency;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingTest {
  @TempDir Path folder;

  private static final Dataset DATA = TinyNetwork.dataset(37);
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withEpochs(3)
          .withBatchSize(8)
          .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f);

  private static Device cpuLike(ReferenceWay... ways) {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ways));
  }

  private static Device gpuLike(ReferenceWay... ways) {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ways).likeGpu());
  }

  private record Outcome(List<float[]> parameters, List<Double> losses) {}

  private static Outcome train(Device device, TrainingOptions options, Choices choices) {
    return train(device, TinyNetwork.graph(), options, choices);
  }

  private static Outcome train(
      Device device, Graph graph, TrainingOptions options, Choices choices) {
    try (device;
        Model model = Model.create(device, graph, 5, choices)) {
      TrainingResult result = Trainer.fit(model, DATA, options);
      return new Outcome(
          parameters(model), result.epochs().stream().map(EpochReport::trainLoss).toList());
    }
  }

  private static List<float[]> parameters(Model model) {
    List<float[]> values = new ArrayList<>();
    model.graph().parameters().forEach(p -> values.add(model.parameter(p.name())));
    return values;
  }

  private static void assertClose(Outcome expected, Outcome actual) {
    for (int p = 0; p < expected.parameters().size(); p++) {
      assertArrayEquals(expected.parameters().get(p), actual.parameters().get(p), 1e-5f);
    }
    for (int e = 0; e < expected.losses().size(); e++) {
      assertEquals(expected.losses().get(e), actual.losses().get(e), 1e-5);
    }
  }

  private static void assertSame(Outcome expected, Outcome actual) {
    for (int p = 0; p < expected.parameters().size(); p++) {
      assertArrayEquals(expected.parameters().get(p), actual.parameters().get(p));
    }
    assertEquals(expected.losses(), actual.losses());
  }

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

  private static Map<String, float[]> values(Model model) {
    Map<String, float[]> values = new TreeMap<>();
    model.graph().parameters().forEach(p -> values.put(p.name(), model.parameter(p.name())));
    return values;
  }

  /** The average after two updates is what hand and evaluation say, and it is saved. */
  @Test
  void evaluationComputesWithTheMovingAverage() throws IOException {
    float decay = 0.75f;
    TrainingOptions options = OPTIONS.withEpochs(1).withBatchSize(20).withAverage(decay);
    Map<String, float[]> first = afterUpdates(1, options, Optional.empty());
    Path file = folder.resolve("averaged.safetensors");
    Map<String, float[]> second = afterUpdates(2, options, Optional.of(file));
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 9, new Choices());
        Evaluator evaluator = new Evaluator(model, DATA)) {
      Checkpoint.open(file).restoreParameters(model);
      Map<String, float[]> averages = values(model);
      for (String name : averages.keySet()) {
        for (int i = 0; i < averages.get(name).length; i++) {
          float before = first.get(name)[i];
          float expected = before + (1 - decay) * (second.get(name)[i] - before);
          assertEquals(expected, averages.get(name)[i], 1e-7f, name);
        }
      }
      try (Model averaged = Model.create(device, TinyNetwork.graph(), 5, new Choices());
          TrainingRun run = Trainer.start(averaged, DATA, Optional.of(DATA), options)) {
        double loss = run.run().epochs().get(0).test().orElseThrow().loss();
        assertEquals(evaluator.evaluate().loss(), loss, 1e-6);
      }
    }
  }

  private static Map<String, float[]> afterUpdates(
      int updates, TrainingOptions options, Optional<Path> file) throws IOException {
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    LearningRate stopping =
        moment -> {
          if (moment.update() == updates - 1) {
            running.get().cancel();
          }
          return options.learningRate().at(moment);
        };
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.empty(), options.withLearningRate(stopping))) {
      running.set(run);
      run.run();
      assertEquals(updates, run.position().updates());
      if (file.isPresent()) {
        Checkpoint.save(file.get(), run);
      }
      return values(model);
    }
  }

  /** A rate so small that losses fall by less than the plateau counts, then one that lets them. */
  @Test
  void validationLowersTheRateAndEndsTheRun() throws IOException {
    Dataset validation = TinyNetwork.dataset(11);
    TrainingOptions steady =
        OPTIONS.withEpochs(6).withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-7f);
    TrainingOptions plateau = steady.withPlateau(new Plateau(0.1f, 1, 5e-9f));
    List<Float> rates = new ArrayList<>();
    Path file = folder.resolve("plateau.safetensors");
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.of(validation), Optional.empty(), plateau)) {
      TrainingResult result = run.run();
      result.epochs().forEach(epoch -> rates.add(epoch.learningRate()));
      assertEquals(TrainingResult.Ending.FINISHED, result.ending());
      assertTrue(result.epochs().get(0).validation().isPresent());
      Checkpoint.save(file, run);
      assertEquals(run.position(), Checkpoint.open(file).position());
    }
    assertEquals(List.of(1e-7f, 1e-7f, 1e-7f, 1e-8f, 1e-8f, 5e-9f), rates);

    // a rate of 1e-30 changes nothing, so the first epoch stays the best
    TrainingOptions still =
        OPTIONS.withEpochs(9).withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-30f).withPatience(2);
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.of(validation), Optional.empty(), still)) {
      TrainingResult result = run.run();
      assertEquals(TrainingResult.Ending.STOPPED_EARLY, result.ending());
      assertEquals(3, result.position().epoch());
      assertEquals(1, result.position().watch().bestEpoch());
      assertThrows(
          IllegalArgumentException.class,
          () -> Trainer.start(model, DATA, Optional.empty(), Optional.empty(), still));
    }
  }

  @Test
  void aRunWhoseTimeIsUpEndsAfterAnUpdateAndMeasures() {
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(
                model, DATA, Optional.of(DATA), OPTIONS.withAccumulate(2).withMaxSeconds(1e-9))) {
      TrainingResult result = run.run();
      assertEquals(TrainingResult.Ending.OUT_OF_TIME, result.ending());
      assertEquals(1, result.position().updates());
      assertEquals(2, result.position().batch());
      assertEquals(16, result.position().rows());
      assertTrue(result.epochs().get(0).test().isPresent());
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

  /** What is frozen stays, the rest learns alike in every way of running, averages are complete. */
  @Test
  void frozenParametersStayAndTheRestLearns() throws IOException {
    Graph graph =
        TinyNetwork.graph().frozen(name -> name.startsWith("conv1") || name.equals("fc1.bias"));
    TrainingOptions options =
        OPTIONS
            .withOptimizer(new Optimizer.Adam(1e-2f), 0.01f)
            .withClipNorm(0.5f)
            .withAverage(0.5f);
    Outcome start =
        train(
            gpuLike(ReferenceWay.CANONICAL),
            graph,
            options.withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-30f),
            new Choices());
    Outcome plain = train(gpuLike(ReferenceWay.CANONICAL), graph, options, new Choices());
    assertClose(plain, train(cpuLike(ReferenceWay.values()), graph, options, lanes(4)));
    assertClose(plain, train(cpuLike(ReferenceWay.values()), graph, options, lanes(1)));
    List<Boolean> frozen = graph.parameters().stream().map(Parameter::frozen).toList();
    assertEquals(List.of(true, true, false, true, false, false), frozen);
    for (int p = 0; p < frozen.size(); p++) {
      boolean same = Arrays.equals(start.parameters().get(p), plain.parameters().get(p));
      assertEquals(frozen.get(p), same, graph.parameters().get(p).name());
    }
    Path file = folder.resolve("frozen.safetensors");
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, graph, 5, lanes(4));
        TrainingRun run = Trainer.start(model, DATA, Optional.empty(), options)) {
      run.run();
      Checkpoint.save(file, run);
    }
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, TinyNetwork.graph(), 9, new Choices());
        Evaluator evaluator = new Evaluator(model, DATA)) {
      Checkpoint.open(file).restoreParameters(model);
      assertArrayEquals(start.parameters().get(0), model.parameter("conv1.weight"));
      assertTrue(evaluator.evaluate().loss() > 0);
    }
    assertThrows(IllegalArgumentException.class, () -> graph.frozen(name -> true));
  }

  @Test
  void beginsWithTheValuesOfAnotherTraining() throws IOException {
    Path file = folder.resolve("first.safetensors");
    Map<String, float[]> trained;
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run = Trainer.start(model, DATA, Optional.empty(), OPTIONS)) {
      run.run();
      Checkpoint.save(file, run);
      trained = values(model);
    }
    GraphBuilder g = new GraphBuilder("other head");
    Value x = g.input("image", TensorSpec.f32(1, 1, 6, 6));
    x = g.relu(g.conv2d("conv1", x, 3, Window.of(3).pad(1)));
    x = g.relu(g.linear("fc1", g.maxPool2d("pool1", x, Window.of(2).stride(2)), 4));
    Graph other = g.build(g.linear("head", x, 3));
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, other, 9, new Choices());
        Evaluator evaluator = new Evaluator(model, DATA)) {
      PretrainedWeights.Report report = PretrainedWeights.load(file, model);
      assertEquals(List.of("conv1.weight", "conv1.bias"), report.taken());
      assertEquals(List.of("head.weight", "head.bias"), report.missing());
      assertEquals(2, report.misfits().size());
      assertTrue(report.misfits().get(0).startsWith("fc1.weight, "), report.toString());
      assertArrayEquals(trained.get("conv1.weight"), model.parameter("conv1.weight"));
      assertTrue(evaluator.evaluate().loss() > 0);
    }
    GraphBuilder alone = new GraphBuilder("stranger");
    Value y = alone.input("image", TensorSpec.f32(1, 1, 6, 6));
    Graph stranger = alone.build(alone.linear("alien", y, 3));
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, stranger, 9, new Choices());
        Evaluator evaluator = new Evaluator(model, DATA)) {
      FormatException nothing =
          assertThrows(FormatException.class, () -> PretrainedWeights.load(file, model));
      assertTrue(nothing.getMessage().contains("alien.weight"), nothing.getMessage());
      assertTrue(evaluator.evaluate().loss() > 0);
    }
  }

  private static Choices lanes(int lanes) {
    Choices choices = new Choices();
    for (int rows : new int[] {8, 37 % 8}) {
      choices.decide("training " + rows + "/lanes", Integer.toString(lanes));
    }
    return choices;
  }

  @Test
  void recordedChoicesGiveTheSameBits() {
    Choices choices = new Choices();
    Outcome first = train(cpuLike(ReferenceWay.values()), OPTIONS, choices);
    Outcome second = train(cpuLike(ReferenceWay.values()), OPTIONS, Choices.of(choices.all()));
    assertSame(first, second);
  }

  @Test
  void recordedChoicesThatCannotBeFollowedAreRefused() {
    Choices choices = lanes(4);
    train(cpuLike(ReferenceWay.values()), OPTIONS, choices);
    Map<String, String> tooManyLanes = new TreeMap<>(choices.all());
    tooManyLanes.replaceAll((key, value) -> key.endsWith("/lanes") ? "64" : value);
    Map<String, String> unknownWays = new TreeMap<>(choices.all());
    unknownWays.replaceAll((key, value) -> key.contains("conv") ? "gone" : value);
    // One way and one lane are all there is here: the record must still be followed or refused.
    for (Map<String, String> record : List.of(choices.all(), tooManyLanes, unknownWays)) {
      assertThrows(
          UnsupportedOpException.class,
          () -> train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, Choices.of(record)),
          record::toString);
    }
    Outcome plain = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, new Choices());
    assertSame(
        plain, train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, Choices.remembered(tooManyLanes)));
  }

  @Test
  void recordedResidencyIsFollowed() {
    Choices choices = new Choices();
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, choices);
    Map<String, String> streamed = new TreeMap<>(choices.all());
    streamed.replaceAll((key, value) -> key.startsWith("residency") ? "NEVER" : value);
    assertTrue(streamed.containsValue("NEVER"), streamed::toString);
    Choices followed = Choices.of(streamed);
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, followed);
    assertEquals(streamed, followed.all());

    Choices remembered = Choices.remembered(streamed);
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, remembered);
    assertEquals(choices.all(), remembered.all());
  }

  @Test
  void anotherSeedShufflesOtherwise() {
    Outcome one = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, new Choices());
    Outcome other = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS.withSeed(2), new Choices());
    assertFalse(one.losses().equals(other.losses()));
  }

  @Test
  void aResumedRunEndsInTheSameBits() throws IOException {
    for (int stop : new int[] {1, 5, 9, 14}) {
      assertResumes(OPTIONS, stop);
      assertResumes(OPTIONS.withOptimizer(new Optimizer.Adam(0), 0.01f), stop);
      assertResumes(OPTIONS.withAverage(0.9f), stop);
    }
    for (int stop : new int[] {1, 3, 8}) {
      assertResumes(OPTIONS.withAccumulate(2), stop);
    }
  }

  /** Cancels a run in its update {@code stop}, then goes on in a model of its own. */
  private void assertResumes(TrainingOptions options, int stop) throws IOException {
    Choices choices = new Choices();
    Outcome whole = train(cpuLike(ReferenceWay.values()), options, choices);
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    LearningRate stopping =
        moment -> {
          if (moment.update() == stop - 1) {
            running.get().cancel();
          }
          return options.learningRate().at(moment);
        };
    List<Double> losses = new ArrayList<>();
    Path file = folder.resolve("last.safetensors");
    try (Device device = cpuLike(ReferenceWay.values());
        Model stopped = Model.create(device, TinyNetwork.graph(), 5, choices);
        Model resumed = Model.create(device, TinyNetwork.graph(), 99, choices)) {
      try (TrainingRun run =
          Trainer.start(stopped, DATA, Optional.empty(), options.withLearningRate(stopping))) {
        running.set(run);
        TrainingResult result = run.run();
        assertTrue(result.cancelled());
        result.epochs().forEach(epoch -> losses.add(epoch.trainLoss()));
        assertEquals(stop, result.position().updates());
        Checkpoint.save(file, run);
      }
      try (TrainingRun run = Trainer.start(resumed, DATA, Optional.empty(), options)) {
        Checkpoint.open(file).restore(run);
        TrainingResult result = run.run();
        assertFalse(result.cancelled());
        result.epochs().forEach(epoch -> losses.add(epoch.trainLoss()));
      }
      assertSame(whole, new Outcome(parameters(resumed), losses));
    }
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
