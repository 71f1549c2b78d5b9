package dev.lamina.bench.gpu;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.device.Precision;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.models.ModelCatalog;
import dev.lamina.tensor.DataType;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Trains a network again and again from the same seed with the same recorded choices, and says how
 * many different results there were. Exits 1 if there was more than one.
 */
public final class Repeat {
  private Repeat() {}

  /**
   * Runs the check.
   *
   * @param arguments device, model, number of runs, precision
   */
  public static void main(String[] arguments) {
    String name = arguments[1];
    int runs = Integer.parseInt(arguments[2]);
    SampleSpec spec =
        name.startsWith("cifar")
            ? SampleSpec.of(DataType.U8, 3, 32, 32, 10)
            : SampleSpec.of(DataType.U8, 1, 28, 28, 10);
    Random random = new Random(1);
    byte[] pixels = new byte[1000 * spec.bytes()];
    random.nextBytes(pixels);
    int[] labels = random.ints(1000, 0, spec.classes()).toArray();
    InMemoryDataset data =
        InMemoryDataset.ofPixels(
            "noise", spec, Normalization.identity(spec.channels()), pixels, labels);
    Graph graph = ModelCatalog.find(name).graph(spec);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(2)
            .withBatchSize(64)
            .withOptimizer(new Optimizer.Sgd(0.9f, false, 0f), 1e-5f);
    Choices choices = new Choices();
    Set<Long> results = new HashSet<>();
    DeviceOptions precision = DeviceOptions.defaults().withPrecision(Precision.named(arguments[3]));
    try (Device device = Devices.open(arguments[0], precision)) {
      for (int run = 0; run < runs; run++) {
        try (Model model = Model.create(device, graph, 5, choices)) {
          Trainer.fit(model, data, options);
          results.add(bits(model));
        }
      }
    }
    System.out.printf(
        "%s on %s in %s: %d runs, %d different results%n",
        name, arguments[0], arguments[3], runs, results.size());
    System.exit(results.size() == 1 ? 0 : 1);
  }

  private static long bits(Model model) {
    long bits = 1;
    for (var parameter : model.graph().parameters()) {
      for (float value : model.parameter(parameter.name())) {
        bits = 31 * bits + Float.floatToRawIntBits(value);
      }
    }
    return bits;
  }
}
