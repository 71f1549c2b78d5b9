package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetOptions;
import dev.lamina.datasets.DownloadListener;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.graph.Graph;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelOptions;
import dev.lamina.train.Optimizer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns settings into the things they name. */
final class Setup {
  private final Configuration configuration;
  private final Invocation invocation;
  private final Console console;

  Setup(Configuration configuration, Invocation invocation, Console console) {
    this.configuration = configuration;
    this.invocation = invocation;
    this.console = console;
  }

  /** Returns the device to open, and why others were passed over. */
  Devices.Selection device() {
    String wanted = configuration.get(TrainSettings.DEVICE);
    return wanted.equals("auto") ? Devices.auto() : new Devices.Selection(wanted, List.of());
  }

  Device open(Devices.Selection selection) {
    int threads = configuration.find(TrainSettings.THREADS).map(Math::toIntExact).orElse(0);
    return Devices.open(selection.name(), DeviceOptions.defaults().withThreads(threads));
  }

  /** Builds the network for the data set as published, to find out whether it fits at all. */
  Graph graph() {
    return graph(DatasetCatalog.describe(configuration.get(TrainSettings.DATASET)).spec());
  }

  Graph graph(DataSplits data) {
    return graph(data.train().spec());
  }

  private Graph graph(SampleSpec samples) {
    ModelOptions options =
        new ModelOptions(configuration.find(TrainSettings.DROPOUT).map(Double::floatValue));
    return ModelCatalog.find(configuration.get(TrainSettings.MODEL)).graph(samples, options);
  }

  DataSplits data() {
    DatasetOptions options =
        DatasetOptions.defaults()
            .withCacheDir(invocation.cacheFolder())
            .withListener(new DownloadLines());
    Optional<DatasetOptions> ofFolder =
        configuration
            .find(TrainSettings.DATA_DIR)
            .map(folder -> options.withDataDir(invocation.resolve(folder)));
    DataSplits data =
        DatasetCatalog.open(configuration.get(TrainSettings.DATASET), ofFolder.orElse(options));
    Optional<Long> limit = configuration.find(TrainSettings.TRAIN_LIMIT);
    if (limit.isEmpty() || limit.get() >= data.train().size()) {
      return data;
    }
    Dataset first = new FirstSamples(data.train(), Math.toIntExact(limit.get()));
    return new DataSplits(first, data.test(), data.provenance());
  }

  TrainingOptions options() {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(Math.toIntExact(configuration.get(TrainSettings.EPOCHS)))
            .withBatchSize(Math.toIntExact(configuration.get(TrainSettings.BATCH_SIZE)))
            .withAccumulate(Math.toIntExact(configuration.get(TrainSettings.ACCUMULATE)))
            .withSeed(configuration.get(TrainSettings.SEED))
            .withOptimizer(optimizer(), configuration.get(TrainSettings.LR).floatValue())
            .withResidency(
                Residency.valueOf(
                    configuration.get(TrainSettings.DATA_ON_DEVICE).toUpperCase(Locale.ROOT)));
    Optional<Double> norm = configuration.find(TrainSettings.CLIP_NORM);
    if (norm.isPresent()) {
      options = options.withClipNorm(norm.get().floatValue());
    }
    Optional<Double> average = configuration.find(TrainSettings.EMA);
    if (average.isPresent()) {
      options = options.withAverage(average.get().floatValue());
    }
    return options
        .withL1(configuration.find(TrainSettings.L1).orElse(0.0).floatValue())
        .withDecayOfAll(configuration.find(TrainSettings.DECAY_ALL).orElse(false));
  }

  private Optimizer optimizer() {
    float weightDecay = configuration.get(TrainSettings.WEIGHT_DECAY).floatValue();
    String name = configuration.get(TrainSettings.OPTIMIZER);
    return switch (name) {
      case "sgd" ->
          new Optimizer.Sgd(
              configuration.get(TrainSettings.MOMENTUM).floatValue(),
              configuration.get(TrainSettings.NESTEROV),
              weightDecay);
      case "rmsprop" ->
          new Optimizer.RmsProp(
              configuration.get(TrainSettings.MOMENTUM).floatValue(), weightDecay);
      case "adagrad" -> new Optimizer.Adagrad(weightDecay);
      case "adam" -> new Optimizer.Adam(weightDecay);
      case "adamw" -> new Optimizer.Adam(0.9f, 0.999f, 1e-8f, weightDecay, true);
      default -> throw new UsageException("there is no optimizer " + name);
    };
  }

  private final class DownloadLines implements DownloadListener {
    @Override
    public void progress(String file, long bytes, long totalBytes) {
      String share = Quantities.bytes(bytes) + " of " + Quantities.bytes(totalBytes);
      if (bytes == totalBytes) {
        console.info("downloaded " + file + ", " + Quantities.bytes(bytes));
      } else {
        console.status("downloading " + file + ": " + share);
      }
    }

    @Override
    public void notice(String message) {
      console.info(message);
    }
  }
}
