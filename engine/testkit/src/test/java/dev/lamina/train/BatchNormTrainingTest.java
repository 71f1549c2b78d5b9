package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.io.SafetensorsReader;
import dev.lamina.op.Window;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batch normalisation and residual connections in a network that trains. */
class BatchNormTrainingTest {
  private static final Dataset DATA = TinyNetwork.dataset(36);
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withEpochs(4)
          .withBatchSize(8)
          .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f);

  @TempDir Path folder;

  /** The first normalisation stands right behind the samples, so its statistics are known. */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder("residual");
    Value x = g.batchNorm2d("bn0", g.input("image", TensorSpec.f32(1, 1, 6, 6)));
    x = g.relu(g.batchNorm2d("bn1", g.conv2d("conv1", x, 4, Window.of(3).pad(1), 1, false)));
    Value y = g.batchNorm2d("bn2", g.conv2d("conv2", x, 4, Window.of(3).pad(1), 1, false));
    x = g.relu(g.add("add", x, y));
    return g.build(g.linear("fc", g.globalAvgPool2d("avgpool", x), 3));
  }

  private static Device cpuLike(ReferenceWay... ways) {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ways));
  }

  private static List<float[]> values(Model model) {
    List<float[]> values = new ArrayList<>();
    for (TensorName name : model.values()) {
      boolean statistic = name.state() == TensorName.STATISTIC;
      values.add(statistic ? model.statistic(name.parameter()) : model.parameter(name.parameter()));
    }
    return values;
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "tensor " + i);
    }
  }

  @Test
  void learnsAndEvaluatesByRunningStatistics() {
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, graph(), 5, new Choices())) {
      TrainingResult result = Trainer.fit(model, DATA, OPTIONS.withEpochs(20));
      assertTrue(result.epochs().get(19).trainLoss() < 0.3, "loss " + result.epochs());
      List<float[]> before = values(model);
      try (Evaluator evaluator = new Evaluator(model, DATA)) {
        double accuracy = evaluator.evaluate().accuracy();
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
      }
      assertSame(before, values(model));
    }
  }

  @Test
  void statisticsMoveByPyTorchsRule() {
    TrainingOptions whole = OPTIONS.withEpochs(2).withBatchSize(DATA.size());
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, graph(), 5, new Choices())) {
      Trainer.fit(model, DATA, whole);
      double sum = 0;
      double squares = 0;
      int count = DATA.size() * TinyNetwork.SPEC.elements();
      ByteBuffer pixels = ByteBuffer.allocate(TinyNetwork.SPEC.bytes());
      for (int i = 0; i < DATA.size(); i++) {
        DATA.read(i, pixels.clear());
        for (byte pixel : pixels.array()) {
          double value = ((pixel & 0xFF) / 255.0 - 0.4) / 0.3;
          sum += value;
          squares += value * value;
        }
      }
      double mean = sum / count;
      double unbiased = (squares - sum * mean) / (count - 1);
      // two updates from 0 and 1 towards the same batch
      assertEquals(0.19 * mean, model.statistic("bn0.running_mean")[0], 1e-6);
      assertEquals(0.81 + 0.19 * unbiased, model.statistic("bn0.running_var")[0], 1e-6);
    }
  }

  /** Lanes would each see a part of the batch: the whole step must run as one. */
  @Test
  void lanesDoNotShareABatch() {
    List<List<float[]>> outcomes = new ArrayList<>();
    for (ReferenceOptions options :
        List.of(ReferenceOptions.defaults(), ReferenceOptions.defaults().likeGpu())) {
      try (Device device = ReferenceDevice.open(options.withWays(ReferenceWay.CANONICAL));
          Model model = Model.create(device, graph(), 5, new Choices())) {
        Trainer.fit(model, DATA, OPTIONS);
        outcomes.add(values(model));
      }
    }
    assertSame(outcomes.get(0), outcomes.get(1));
  }

  @Test
  void aCheckpointHoldsTheStatisticsAndResumes() throws IOException {
    Choices choices = new Choices();
    Path file = folder.resolve("last.safetensors");
    List<float[]> whole;
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = Model.create(device, graph(), 5, choices)) {
      Trainer.fit(model, DATA, OPTIONS);
      whole = values(model);
    }
    try (Device device = cpuLike(ReferenceWay.values());
        Model stopped = Model.create(device, graph(), 5, choices);
        Model resumed = Model.create(device, graph(), 99, choices);
        Model evaluated = Model.create(device, graph(), 7, choices)) {
      try (TrainingRun run = Trainer.start(stopped, DATA, Optional.empty(), OPTIONS)) {
        run.run(
            new TrainingListener() {
              @Override
              public void onEpoch(TrainingRun running, EpochReport report) {
                if (report.epoch() == 2) {
                  running.cancel();
                }
              }
            });
        Checkpoint.save(file, run);
      }
      Set<String> saved;
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        saved = reader.tensors().keySet();
      }
      assertTrue(
          saved.containsAll(Set.of("bn1.weight", "bn1.running_mean", "bn2.running_var")),
          saved.toString());
      try (TrainingRun run = Trainer.start(resumed, DATA, Optional.empty(), OPTIONS)) {
        Checkpoint.open(file).restore(run);
        run.run();
      }
      assertSame(whole, values(resumed));
      try (Evaluator evaluator = new Evaluator(evaluated, DATA)) {
        Checkpoint.open(file).restoreParameters(evaluated);
        assertSame(values(stopped), values(evaluated));
        assertEquals(DATA.size(), evaluator.evaluate().rows());
      }
    }
  }

  @Test
  void refusesABatchOfOneValueAChannel() {
    GraphBuilder g = new GraphBuilder("flat");
    Value x = g.conv2d("conv1", g.input("image", TensorSpec.f32(1, 1, 6, 6)), 4, Window.of(6));
    Graph flat = g.build(g.linear("fc", g.batchNorm2d("bn1", x), 3));
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, flat, 5, new Choices())) {
      TrainingOptions options = OPTIONS.withBatchSize(5);
      ShapeException refused =
          assertThrows(ShapeException.class, () -> Trainer.fit(model, DATA, options));
      assertTrue(
          refused.getMessage().startsWith("batch_norm2d \"bn1\" would see one value a channel"),
          refused.getMessage());
    }
  }
}
