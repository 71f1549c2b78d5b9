package dev.lamina.train;

import static dev.lamina.train.TinyRuns.DATA;
import static dev.lamina.train.TinyRuns.OPTIONS;
import static dev.lamina.train.TinyRuns.assertClose;
import static dev.lamina.train.TinyRuns.cpuLike;
import static dev.lamina.train.TinyRuns.gpuLike;
import static dev.lamina.train.TinyRuns.lanes;
import static dev.lamina.train.TinyRuns.train;
import static dev.lamina.train.TinyRuns.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.Value;
import dev.lamina.io.FormatException;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceWay;
import dev.lamina.train.TinyRuns.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that begins with the values of another, in part frozen. */
class FineTuningTest {
  @TempDir Path folder;

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
}
