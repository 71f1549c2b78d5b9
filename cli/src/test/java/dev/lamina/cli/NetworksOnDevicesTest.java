package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelOptions;
import dev.lamina.op.Activation;
import dev.lamina.op.Augmentation;
import dev.lamina.tensor.DataType;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step of whole networks on the CPU device comes to what the double-precision reference says. */
class NetworksOnDevicesTest {
  private static final int ROWS = 6;

  /**
   * Allowed is the sum of squared differences of an update, relative to its sum of squares. Of the
   * few values a channel that ShuffleNetV2 has left, some fifty normalisations make rounding large.
   */
  @ParameterizedTest
  @CsvSource({
    "lenet5, 28, 0.3, 1e-6",
    "cifar-resnet20, 16, 0, 1e-6",
    "shufflenet-v2, 64, 0, 1e-2",
  })
  void aStepAgreesWithTheReference(String name, int side, float dropout, double allowed) {
    SampleSpec spec = SampleSpec.of(DataType.U8, 3, side, side, 4);
    ModelOptions options =
        dropout > 0
            ? ModelOptions.defaults().withDropout(dropout).withActivation(Activation.tanh())
            : ModelOptions.defaults();
    Graph graph = ModelCatalog.find(name).graph(spec, options);
    List<Double> losses = new ArrayList<>();
    Map<String, float[]> expected;
    try (Device reference = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu())) {
      expected = after(reference, graph, spec, 0.1f, losses, new Choices());
    }
    try (Device cpu = Devices.open("cpu", DeviceOptions.defaults().withThreads(2))) {
      Choices choices = new Choices();
      Map<String, float[]> actual = after(cpu, graph, spec, 0.1f, losses, choices);
      Map<String, float[]> before = after(cpu, graph, spec, 1e-30f, new ArrayList<>(), choices);
      assertEquals(losses.get(0), losses.get(1), 1e-4 * losses.get(0));
      double wrong = 0;
      double all = 0;
      for (String parameter : before.keySet()) {
        float[] wanted = expected.get(parameter);
        for (int i = 0; i < wanted.length; i++) {
          wrong += Math.pow(wanted[i] - actual.get(parameter)[i], 2);
          all += Math.pow(wanted[i] - before.get(parameter)[i], 2);
        }
      }
      assertTrue(wrong < allowed * all, "relative squared error " + wrong / all);
    }
  }

  private static Map<String, float[]> after(
      Device device,
      Graph graph,
      SampleSpec spec,
      float rate,
      List<Double> losses,
      Choices choices) {
    byte[] pixels = new byte[ROWS * spec.bytes()];
    new Random(3).nextBytes(pixels);
    InMemoryDataset dataset =
        InMemoryDataset.ofPixels(
            "noise",
            spec,
            Normalization.pixels(List.of(0.5f, 0.5f, 0.5f), List.of(0.3f, 0.3f, 0.3f)),
            pixels,
            new int[] {0, 1, 2, 3, 0, 1});
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(1)
            .withBatchSize(ROWS)
            .withAugmentation(new Augmentation(true, 2, 10, 3, 0.2f, 0.2f, 0.2f))
            .withOptimizer(new Optimizer.Sgd(0, false, 0), rate);
    try (Model model = Model.create(device, graph, 7, choices)) {
      TrainingResult result = Trainer.fit(model, dataset, options);
      losses.add(result.epochs().get(0).trainLoss());
      Map<String, float[]> values = new LinkedHashMap<>();
      graph.parameters().forEach(p -> values.put(p.name(), model.parameter(p.name())));
      return values;
    }
  }
}
