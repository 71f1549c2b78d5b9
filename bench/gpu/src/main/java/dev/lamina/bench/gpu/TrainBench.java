package dev.lamina.bench.gpu;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.device.Precision;
import dev.lamina.exec.Choices;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.models.ModelCatalog;
import dev.lamina.tensor.DataType;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingOptions.Residency;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/**
 * Trains a network on samples of noise that lie on the device, and prints images per second as
 * JSON: of whole epochs by the training loop, and of the step's recording launched alone.
 */
public final class TrainBench {
  private static final int REPEATS = 7;
  private static final long ENOUGH_NANOS = 400_000_000;

  private TrainBench() {}

  /**
   * Runs a measurement.
   *
   * @param arguments device, model, batch, steps of an epoch, precision, folder for the plan's
   *     profile
   */
  public static void main(String[] arguments) throws IOException {
    String name = arguments[1];
    int batch = Integer.parseInt(arguments[2]);
    int samples = batch * Integer.parseInt(arguments[3]);
    SampleSpec spec =
        name.startsWith("cifar")
            ? SampleSpec.of(DataType.U8, 3, 32, 32, 10)
            : SampleSpec.of(DataType.U8, 1, 28, 28, 10);
    Graph graph = ModelCatalog.find(name).graph(spec);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(REPEATS + 1)
            .withBatchSize(batch)
            .withOptimizer(new Optimizer.Sgd(0.9f, false, 0f), 0.001f)
            .withResidency(Residency.ALWAYS);
    Choices choices = new Choices();
    long start = System.nanoTime();
    Precision precision = Precision.named(arguments[4]);
    try (Device device =
            Devices.open(arguments[0], DeviceOptions.defaults().withPrecision(precision));
        Model model = Model.create(device, graph, 5, choices);
        TrainingRun run = Trainer.start(model, noise(spec, samples), Optional.empty(), options)) {
      double setUp = (System.nanoTime() - start) / 1e9;
      double[] epochs =
          run.run().epochs().stream()
              .skip(1)
              .mapToDouble(EpochReport::samplesPerSecond)
              .sorted()
              .toArray();
      double[] steps = new double[REPEATS];
      device.turn().lock();
      try {
        for (int repeat = 0; repeat < REPEATS; repeat++) {
          steps[repeat] = batch / secondsOfAStep(device, run);
        }
        Path profile =
            Path.of(arguments[5], "profile-%s-%d-%s.txt".formatted(name, batch, precision));
        StringBuilder text =
            new StringBuilder(run.plan().explain(ExecutionPlan.least(run.timedSteps(5))));
        choices
            .all()
            .forEach((what, how) -> text.append(how).append("  ").append(what).append('\n'));
        Files.writeString(profile, text);
      } finally {
        device.turn().unlock();
      }
      Arrays.sort(steps);
      System.out.printf(
          Locale.ROOT,
          "{\"engine\": \"lamina\", \"form\": \"graph\", \"precision\": \"%s\", \"device\": \"%s\","
              + " \"model\": \"%s\", \"batch\": %d, \"epoch_images_per_second\": %s,"
              + " \"step_images_per_second\": %s, \"set_up_seconds\": %.2f}%n",
          precision,
          device.info().description(),
          name,
          batch,
          Arrays.toString(epochs),
          Arrays.toString(steps),
          setUp);
    }
  }

  private static double secondsOfAStep(Device device, TrainingRun run) {
    long start = System.nanoTime();
    int launches = 0;
    while (System.nanoTime() - start < ENOUGH_NANOS) {
      // Few enough to be queued at once, so that waiting is a small part.
      for (int i = 0; i < 32; i++) {
        run.plan().launch();
        launches++;
      }
      device.compute().sync();
    }
    return (System.nanoTime() - start) / 1e9 / launches;
  }

  private static InMemoryDataset noise(SampleSpec spec, int samples) {
    Random random = new Random(1);
    byte[] pixels = new byte[samples * spec.bytes()];
    random.nextBytes(pixels);
    int[] labels = random.ints(samples, 0, spec.classes()).toArray();
    List<Float> middle = new ArrayList<>();
    List<Float> deviation = new ArrayList<>();
    for (int channel = 0; channel < spec.channels(); channel++) {
      middle.add(0.5f);
      deviation.add(0.25f);
    }
    return InMemoryDataset.ofPixels(
        "noise", spec, Normalization.pixels(middle, deviation), pixels, labels);
  }
}
