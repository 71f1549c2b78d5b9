package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.device.Device;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.tensor.DataType;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingListener;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;

/** A few steps on samples of noise, to find out how long a run would take. */
public final class Rehearsal {
  private static final int BATCHES = 2;
  private static final int MOST_EPOCHS = 200;
  private static final double ENOUGH_SECONDS = 1;
  private static final float SMALLEST_RATE = 1e-12f;

  private Rehearsal() {}

  /** Returns the training samples a second that a configuration reaches on its device. */
  public static double samplesPerSecond(
      Configuration configuration, Invocation invocation, Console console) throws IOException {
    Setup setup = new Setup(configuration, invocation, console);
    Graph graph = setup.graph();
    DatasetDescription data = setup.description();
    TrainingOptions wanted = setup.options();
    // So slow that noise does not make it diverge.
    TrainingOptions options =
        wanted
            .withoutValidation()
            .withEpochs(MOST_EPOCHS)
            .withOptimizer(wanted.optimizer(), SMALLEST_RATE);
    int samples = Math.min(data.trainSize(), BATCHES * options.batchSize());
    Fastest fastest = new Fastest();
    try (Device device = setup.open(setup.device())) {
      ChoiceStore remembered = ChoiceStore.of(invocation.cacheFolder(), device, graph);
      try (Model model = Model.create(device, graph, options.seed(), remembered.load());
          TrainingRun run = Trainer.start(model, noise(data, samples), Optional.empty(), options)) {
        // What was measured to choose a plan need not be measured again by the runs.
        remembered.save(model.choices());
        run.run(fastest);
      }
    }
    return fastest.samplesPerSecond;
  }

  private static Dataset noise(DatasetDescription data, int samples) {
    SampleSpec spec = data.spec();
    Random random = new Random(1);
    int[] labels = random.ints(samples, 0, spec.classes()).toArray();
    if (spec.type() == DataType.U8) {
      byte[] pixels = new byte[Math.multiplyExact(samples, spec.elements())];
      random.nextBytes(pixels);
      return InMemoryDataset.ofPixels(data.name(), spec, data.normalization(), pixels, labels);
    }
    float[] values = new float[Math.multiplyExact(samples, spec.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return InMemoryDataset.ofFloats(data.name(), spec, values, labels);
  }

  /** The first epoch warms up; the fastest later one is the least disturbed. */
  private static final class Fastest implements TrainingListener {
    private double seconds;
    private double samplesPerSecond;

    @Override
    public void onEpoch(TrainingRun run, EpochReport report) {
      seconds += report.seconds();
      if (report.epoch() > 1) {
        samplesPerSecond = Math.max(samplesPerSecond, report.samplesPerSecond());
        if (seconds > ENOUGH_SECONDS) {
          run.cancel();
        }
      }
    }
  }
}
