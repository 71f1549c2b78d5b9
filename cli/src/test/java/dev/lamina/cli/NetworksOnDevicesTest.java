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
import dev.lamina.graph.Parameter;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelOptions;
import dev.lamina.models.ModelProvider;
import dev.lamina.op.Activation;
import dev.lamina.op.Augmentation;
import dev.lamina.tensor.DataType;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.RequiredDevices;
import dev.lamina.train.Evaluator;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A step of whole networks comes to what the double-precision reference says, on the CPU device and
 * on OpenCL: loss, and gradients by the update they make. Of each kind of model one is tried, at
 * the least extents it takes. The others are more of the same blocks and take minutes; with {@code
 * -Dlamina.networks=all} every model of the catalogue is tried.
 */
class NetworksOnDevicesTest {
  private static final long SEED = 7;
  private static final List<String> DEVICES = List.of("cpu", "opencl:0");

  /**
   * A network and how it is tried.
   *
   * @param threads of the CPU device; two for one small network, since more plans take longer
   * @param allowed sum of squared differences of an update, relative to its sum of squares. Where
   *     few values a channel are left, many normalisations make rounding large.
   */
  private record Network(
      String name, int side, int rows, int threads, float dropout, double allowed) {
    SampleSpec spec() {
      return SampleSpec.of(DataType.U8, 3, side, side, 4);
    }

    Graph graph() {
      ModelOptions options =
          dropout > 0
              ? ModelOptions.defaults().withDropout(dropout).withActivation(Activation.tanh())
              : ModelOptions.defaults();
      return ModelCatalog.find(name).graph(spec(), options);
    }
  }

  private static final List<Network> USUAL =
      List.of(
          new Network("lenet5", 28, 6, 2, 0.3f, 1e-6),
          new Network("mlp", 8, 6, 1, 0, 1e-6),
          new Network("small-cnn", 12, 6, 1, 0, 1e-6),
          new Network("cifar-alexnet", 15, 2, 1, 0, 1e-6),
          new Network("alexnet", 63, 2, 1, 0, 1e-6),
          new Network("cifar-resnet20", 16, 6, 1, 0, 1e-6),
          new Network("resnet18", 33, 3, 1, 0, 1e-2),
          new Network("shufflenet-v2", 64, 6, 1, 0, 1e-2));

  private static final List<Network> FURTHER =
      List.of(
          new Network("cifar-resnet18", 16, 4, 1, 0, 1e-2),
          new Network("cifar-resnet56", 16, 4, 1, 0, 1e-2),
          new Network("vgg16", 32, 2, 1, 0.5f, 1e-6),
          new Network("vgg16-bn", 32, 4, 1, 0, 1e-2),
          new Network("resnet34", 33, 3, 1, 0, 1e-2),
          new Network("resnet50", 33, 3, 1, 0, 1e-2),
          new Network("resnet101", 33, 3, 1, 0, 1e-2));

  /**
   * What the reference made of a network.
   *
   * @param before parameters as they are drawn, the same on every device
   * @param after parameters after the step
   */
  private record Expected(
      Network network, double loss, Map<String, float[]> before, Map<String, float[]> after) {}

  /** That of the network tried last: another device is next. */
  private static Expected last;

  static Stream<Arguments> networks() {
    boolean all = "all".equals(System.getProperty("lamina.networks"));
    return Stream.concat(USUAL.stream(), all ? FURTHER.stream() : Stream.empty())
        .flatMap(network -> DEVICES.stream().map(device -> Arguments.of(network, device)));
  }

  @AfterAll
  static void forget() {
    last = null;
  }

  @Test
  void everyModelHasItsExtents() {
    assertEquals(
        ModelCatalog.models().stream().map(ModelProvider::name).sorted().toList(),
        Stream.concat(USUAL.stream(), FURTHER.stream()).map(Network::name).sorted().toList());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void aStepAgreesWithTheReference(Network network, String name) {
    Graph graph = network.graph();
    RequiredDevices.require(name);
    Expected expected = expected(network, graph);
    DeviceOptions options = DeviceOptions.defaults();
    boolean cpu = name.equals("cpu");
    try (Device device =
        Devices.open(name, cpu ? options.withThreads(network.threads()) : options)) {
      List<Double> losses = new ArrayList<>();
      Map<String, float[]> actual = after(device, graph, network, losses);
      assertEquals(expected.loss(), losses.get(0), 1e-4 * expected.loss());
      double wrong = 0;
      double all = 0;
      for (String parameter : actual.keySet()) {
        float[] before = expected.before().get(parameter);
        float[] wanted = expected.after().get(parameter);
        for (int i = 0; i < wanted.length; i++) {
          wrong += Math.pow(wanted[i] - actual.get(parameter)[i], 2);
          all += Math.pow(wanted[i] - before[i], 2);
        }
      }
      assertTrue(wrong < network.allowed() * all, "relative squared error " + wrong / all);
    }
  }

  private static Expected expected(Network network, Graph graph) {
    if (last == null || last.network() != network) {
      last = null;
      List<Double> losses = new ArrayList<>();
      try (Device reference = ReferenceDevice.open(ReferenceOptions.defaults().likeGpu())) {
        Map<String, float[]> before = before(reference, graph, network);
        Map<String, float[]> after = after(reference, graph, network, losses);
        last = new Expected(network, losses.get(0), before, after);
      }
    }
    return last;
  }

  /** A plan draws the parameters; it need not run. */
  private static Map<String, float[]> before(Device device, Graph graph, Network network) {
    try (Model model = Model.create(device, graph, SEED, new Choices())) {
      new Evaluator(model, dataset(network)).close();
      return parameters(model);
    }
  }

  private static Map<String, float[]> parameters(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : model.graph().parameters()) {
      values.put(parameter.name(), model.parameter(parameter.name()));
    }
    return values;
  }

  private static InMemoryDataset dataset(Network network) {
    SampleSpec spec = network.spec();
    byte[] pixels = new byte[network.rows() * spec.bytes()];
    new Random(3).nextBytes(pixels);
    int[] labels = IntStream.range(0, network.rows()).map(row -> row % spec.classes()).toArray();
    return InMemoryDataset.ofPixels(
        "noise",
        spec,
        Normalization.pixels(List.of(0.5f, 0.5f, 0.5f), List.of(0.3f, 0.3f, 0.3f)),
        pixels,
        labels);
  }

  private static Map<String, float[]> after(
      Device device, Graph graph, Network network, List<Double> losses) {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(1)
            .withBatchSize(network.rows())
            .withAugmentation(new Augmentation(true, 2, 10, 3, 0.2f, 0.2f, 0.2f))
            .withOptimizer(new Optimizer.Sgd(0, false, 0), 0.1f);
    try (Model model = Model.create(device, graph, SEED, new Choices())) {
      TrainingResult result = Trainer.fit(model, dataset(network), options);
      losses.add(result.epochs().get(0).trainLoss());
      return parameters(model);
    }
  }
}
