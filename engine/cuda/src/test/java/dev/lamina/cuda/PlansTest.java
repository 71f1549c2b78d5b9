package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Precision;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.kernels.Form;
import dev.lamina.models.ModelCatalog;
import dev.lamina.tensor.DataType;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Predictor;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingOptions.Residency;
import dev.lamina.train.TrainingResult;
import dev.lamina.train.TrainingRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The plans of whole networks (training, its short last batch, accumulation, evaluation,
 * prediction), built and launched on a {@link DryRun}.
 */
class PlansTest {
  private static final long MEMORY = 8L << 30;
  private static final int SAMPLES = 10;

  @TempDir Path folder;

  private static InMemoryDataset data(SampleSpec spec) {
    byte[] pixels = new byte[SAMPLES * spec.bytes()];
    return InMemoryDataset.ofPixels(
        "grey", spec, Normalization.identity(spec.channels()), pixels, new int[SAMPLES]);
  }

  private static SampleSpec samples(String model) {
    return model.startsWith("cifar")
        ? SampleSpec.of(DataType.U8, 3, 32, 32, 10)
        : SampleSpec.of(DataType.U8, 1, 28, 28, 10);
  }

  static Stream<Arguments> networks() {
    return Stream.of("lenet5", "cifar-alexnet", "cifar-resnet18")
        .flatMap(
            name -> Stream.of(Precision.values()).map(precision -> Arguments.of(name, precision)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void trainsEvaluatesAndPredicts(String name, Precision precision) {
    SampleSpec spec = samples(name);
    InMemoryDataset data = data(spec);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(2)
            .withBatchSize(4)
            .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f);
    DryRun dry = DryRun.withMemory(MEMORY);
    Graph graph = ModelCatalog.find(name).graph(spec);
    Choices choices = new Choices();
    try (CudaDevice device = dry.open(folder, DeviceOptions.defaults().withPrecision(precision));
        Model model = Model.create(device, graph, 5, choices)) {
      try (TrainingRun run = Trainer.start(model, data, Optional.of(data), options)) {
        TrainingResult result = run.run();
        assertEquals(2, result.epochs().size());
        assertOneGraphLaunch(dry, device, run);
        assertImagesAreIn(precision, run.plan().explain());
      }
      try (Predictor predictor = new Predictor(model, spec, data.normalization())) {
        assertEquals(SAMPLES, predictor.predict(data).size());
      }
    }
    dry.assertClean();
  }

  /**
   * Images go from op to op as they are: reorders stand where they come in and where they leave.
   */
  private static void assertImagesAreIn(Precision precision, String plan) {
    Form form = Form.images(precision);
    boolean mentioned = plan.contains(form + " " + form) || plan.contains(form + " -> " + form);
    assertEquals(precision != Precision.F32, mentioned, plan);
    Matcher reorders = Pattern.compile("(\\d+) reorders").matcher(plan);
    assertTrue(reorders.find() && Integer.parseInt(reorders.group(1)) <= 8, plan);
  }

  private static void assertOneGraphLaunch(DryRun dry, CudaDevice device, TrainingRun run) {
    int graphs = dry.graphLaunches();
    int eager = dry.eagerLaunches();
    device.turn().lock();
    try {
      run.plan().launch();
    } finally {
      device.turn().unlock();
    }
    assertEquals(graphs + 1, dry.graphLaunches(), "a step is one launch of one graph");
    assertEquals(eager, dry.eagerLaunches(), "a step launches nothing beside its graph");
  }

  /** 21 steps on resident data: two launches of eight, and five of one. */
  @Test
  void severalStepsAreOneLaunchInTheirOrder() {
    SampleSpec spec = samples("lenet5");
    int samples = 21;
    InMemoryDataset data =
        InMemoryDataset.ofPixels(
            "grey",
            spec,
            Normalization.identity(1),
            new byte[samples * spec.bytes()],
            new int[samples]);
    TrainingOptions options =
        TrainingOptions.defaults().withEpochs(1).withBatchSize(1).withResidency(Residency.ALWAYS);
    DryRun dry = DryRun.withMemory(MEMORY);
    Graph graph = ModelCatalog.find("lenet5").graph(spec);
    try (CudaDevice device = dry.open(folder);
        Model model = Model.create(device, graph, 5, new Choices());
        TrainingRun run = Trainer.start(model, data, Optional.empty(), options)) {
      int before = dry.graphLaunches();
      run.run();
      List<List<DryRun.Node>> launched = dry.graphs().subList(before, dry.graphLaunches());
      assertEquals(7, launched.size());
      List<DryRun.Node> step = launched.get(6);
      assertEquals("end_step_cursor", step.get(step.size() - 1).what());
      List<DryRun.Node> eight = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        eight.addAll(step);
      }
      assertEquals(List.of(eight, eight, step, step, step, step, step), launched);
    }
    dry.assertClean();
  }

  static Stream<TrainingOptions> variants() {
    TrainingOptions plain = TrainingOptions.defaults().withEpochs(1).withBatchSize(4);
    return Stream.of(
        plain.withResidency(Residency.NEVER),
        plain.withResidency(Residency.ALWAYS),
        plain.withAccumulate(2),
        plain.withClipNorm(1f),
        plain.withOptimizer(new Optimizer.Adam(0.9f, 0.999f, 1e-8f, 0f, false), 0.001f));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void trainsInEveryVariant(TrainingOptions options) {
    SampleSpec spec = samples("lenet5");
    DryRun dry = DryRun.withMemory(MEMORY);
    Graph graph = ModelCatalog.find("lenet5").graph(spec);
    try (CudaDevice device = dry.open(folder);
        Model model = Model.create(device, graph, 5, new Choices())) {
      Trainer.fit(model, data(spec), options);
      assertTrue(dry.graphLaunches() > 0);
    }
    dry.assertClean();
  }
}
