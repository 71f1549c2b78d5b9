package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.exec.TensorTransfer;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.Value;
import dev.lamina.models.ModelCatalog;
import dev.lamina.op.Window;
import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.RequiredDevices;
import dev.lamina.train.Evaluator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks with folded normalisations and joined sums answer on devices as the separate ops do in
 * the double-precision reference, by statistics that are not those of a fresh network.
 */
class FoldedNetworksTest {
  private static final int ROWS = 2;

  /** Blocks of VGG16 with batch normalisation, whose convolutions have a bias, in small. */
  private static Graph vgg(SampleSpec spec) {
    GraphBuilder g = new GraphBuilder("small-vgg-bn");
    Value x = g.input("image", new TensorSpec(DataType.F32, spec.batch(1)));
    for (int block = 0; block < 3; block++) {
      for (int layer = 0; layer < 2; layer++) {
        String name = "features." + block + "." + layer;
        x = g.conv2d(name, x, 16 << block, Window.of(3).pad(1));
        x = g.relu(g.batchNorm2d(name + ".bn", x));
      }
      x = g.maxPool2d("pool" + block, x, Window.of(2).stride(2));
    }
    return g.build(g.linear("classifier", x, spec.classes()));
  }

  @ParameterizedTest
  @CsvSource({
    "cpu, cifar-resnet20, 16",
    "cpu, vgg, 16",
    "cpu, shufflenet-v2, 64",
    "opencl:0, cifar-resnet20, 16",
    "opencl:0, vgg, 16",
    "opencl:0, shufflenet-v2, 64"
  })
  void answersAreThoseOfTheSeparateOps(String device, String network, int side) {
    RequiredDevices.require(device);
    SampleSpec spec = SampleSpec.of(DataType.U8, 3, side, side, 4);
    Graph graph = network.equals("vgg") ? vgg(spec) : ModelCatalog.find(network).graph(spec);
    ReferenceOptions apart = ReferenceOptions.defaults().likeGpu().withoutFusion();
    double[] expected;
    try (Device reference = ReferenceDevice.open(apart)) {
      expected = losses(reference, graph, spec);
    }
    DeviceOptions options = DeviceOptions.defaults();
    boolean cpu = device.equals("cpu");
    try (Device opened = Devices.open(device, cpu ? options.withThreads(1) : options)) {
      double[] actual = losses(opened, graph, spec);
      assertArrayEquals(expected, actual, 1e-4);
      assertNotEquals(actual[0], actual[1], 1e-3, "the statistics matter");
    }
  }

  /** Losses by two sets of statistics, with the plan of a batch of its own. */
  private static double[] losses(Device device, Graph graph, SampleSpec spec) {
    byte[] pixels = new byte[ROWS * spec.bytes()];
    new Random(3).nextBytes(pixels);
    InMemoryDataset dataset =
        InMemoryDataset.ofPixels(
            "noise",
            spec,
            Normalization.pixels(List.of(0.5f, 0.5f, 0.5f), List.of(0.3f, 0.3f, 0.3f)),
            pixels,
            new int[ROWS]);
    try (Model model = Model.create(device, graph, 7, new Choices());
        Evaluator evaluator = new Evaluator(model, dataset)) {
      double[] losses = new double[2];
      for (int round = 0; round < losses.length; round++) {
        Philox random = new Philox(5, round);
        int count = 0;
        for (Parameter statistic : graph.statistics()) {
          write(model, statistic, random, count++);
        }
        losses[round] = evaluator.evaluate().loss();
      }
      return losses;
    }
  }

  private static void write(Model model, Parameter statistic, Philox random, int stream) {
    boolean mean = statistic.name().endsWith("running_mean");
    int channels = Math.toIntExact(statistic.value().spec().elements());
    ByteBuffer values =
        ByteBuffer.allocateDirect(channels * Float.BYTES).order(ByteOrder.nativeOrder());
    for (int c = 0; c < channels; c++) {
      float drawn = random.uniform(stream, c);
      values.putFloat(mean ? 0.2f * drawn - 0.1f : 0.5f + drawn);
    }
    model.device().turn().lock();
    try (TensorTransfer transfer =
        model.transfer(new TensorName(statistic.name(), TensorName.STATISTIC))) {
      transfer.write(0, values.flip());
      transfer.finish();
    } finally {
      model.device().turn().unlock();
    }
  }
}
