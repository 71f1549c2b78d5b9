package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Short trainings of {@link TinyNetwork} on reference devices, and how their ends compare. */
final class TinyRuns {
  private TinyRuns() {}

  static final Dataset DATA = TinyNetwork.dataset(37);
  static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withEpochs(3)
          .withBatchSize(8)
          .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f);

  static Device cpuLike(ReferenceWay... ways) {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ways));
  }

  static Device gpuLike(ReferenceWay... ways) {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ways).likeGpu());
  }

  record Outcome(List<float[]> parameters, List<Double> losses) {}

  static Outcome train(Device device, TrainingOptions options, Choices choices) {
    return train(device, TinyNetwork.graph(), options, choices);
  }

  static Outcome train(Device device, Graph graph, TrainingOptions options, Choices choices) {
    try (device;
        Model model = Model.create(device, graph, 5, choices)) {
      TrainingResult result = Trainer.fit(model, DATA, options);
      return new Outcome(
          parameters(model), result.epochs().stream().map(EpochReport::trainLoss).toList());
    }
  }

  static List<float[]> parameters(Model model) {
    List<float[]> values = new ArrayList<>();
    model.graph().parameters().forEach(p -> values.add(model.parameter(p.name())));
    return values;
  }

  static Map<String, float[]> values(Model model) {
    Map<String, float[]> values = new TreeMap<>();
    model.graph().parameters().forEach(p -> values.put(p.name(), model.parameter(p.name())));
    return values;
  }

  static void assertClose(Outcome expected, Outcome actual) {
    for (int p = 0; p < expected.parameters().size(); p++) {
      assertArrayEquals(expected.parameters().get(p), actual.parameters().get(p), 1e-5f);
    }
    for (int e = 0; e < expected.losses().size(); e++) {
      assertEquals(expected.losses().get(e), actual.losses().get(e), 1e-5);
    }
  }

  static void assertSame(Outcome expected, Outcome actual) {
    for (int p = 0; p < expected.parameters().size(); p++) {
      assertArrayEquals(expected.parameters().get(p), actual.parameters().get(p));
    }
    assertEquals(expected.losses(), actual.losses());
  }

  static Choices lanes(int lanes) {
    Choices choices = new Choices();
    for (int rows : new int[] {8, 37 % 8}) {
      choices.decide("training " + rows + "/lanes", Integer.toString(lanes));
    }
    return choices;
  }
}
