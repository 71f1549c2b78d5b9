package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.NoisyLabels;
import dev.lamina.data.Normalization;
import dev.lamina.data.Renormalized;
import dev.lamina.data.SampleSpec;
import dev.lamina.data.Subset;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.datasets.DatasetOptions;
import dev.lamina.datasets.DownloadListener;
import dev.lamina.datasets.ImageOptions;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.device.Precision;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Loss;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelOptions;
import dev.lamina.models.ModelProvider;
import dev.lamina.op.Activation;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Turns settings into the things they name. */
final class Setup {
  private final Configuration configuration;
  private final Invocation invocation;
  private final Console console;
  private ModelProvider model;
  private Optional<Normalization> recorded = Optional.empty();

  Setup(Configuration configuration, Invocation invocation, Console console) {
    this.configuration = configuration;
    this.invocation = invocation;
    this.console = console;
  }

  /** Takes what pixels became in an earlier run in place of what the settings say. */
  void normalizeAs(SampleRecord earlier) {
    recorded = Optional.of(earlier.normalization());
  }

  /** Returns the device to open, and why others were passed over. */
  Devices.Selection device() {
    String wanted = configuration.get(TrainSettings.DEVICE);
    return wanted.equals("auto") ? Devices.auto() : new Devices.Selection(wanted, List.of());
  }

  Device open(Devices.Selection selection) {
    int threads = configuration.find(TrainSettings.THREADS).map(Math::toIntExact).orElse(0);
    Precision precision =
        configuration.find(TrainSettings.PRECISION).map(Precision::named).orElse(Precision.F32);
    return Devices.open(
        selection.name(), DeviceOptions.defaults().withThreads(threads).withPrecision(precision));
  }

  /** Builds the network for the data set as published, to find out whether it fits at all. */
  Graph graph() {
    return graph(description().spec());
  }

  /** Returns what is known of the data set before it is opened. */
  DatasetDescription description() {
    return DatasetCatalog.describe(dataset(), datasetOptions());
  }

  /** Returns the data set's name, or the folder of pictures. */
  private String dataset() {
    String name = configuration.get(TrainSettings.DATASET);
    return DatasetCatalog.isFolder(name) ? invocation.resolve(Path.of(name)).toString() : name;
  }

  private DatasetOptions datasetOptions() {
    DatasetOptions options =
        DatasetOptions.defaults()
            .withCacheDir(invocation.cacheFolder())
            .withListener(new DownloadLines())
            .withImages(images());
    return configuration
        .find(TrainSettings.DATA_DIR)
        .map(folder -> options.withDataDir(invocation.resolve(folder)))
        .orElse(options);
  }

  private ImageOptions images() {
    ImageOptions usual = ImageOptions.defaults();
    Optional<String> size = configuration.find(TrainSettings.IMAGE_SIZE);
    String[] extents = size.orElse(usual.height() + "x" + usual.width()).split("x");
    return new ImageOptions(
        Integer.parseInt(extents[0]),
        Integer.parseInt(extents[extents.length - 1]),
        configuration.find(TrainSettings.GREY).orElse(usual.grey()),
        configuration.find(TrainSettings.TEST_SPLIT).orElse(usual.testShare()));
  }

  Graph graph(DataSplits data) {
    return graph(data.train().spec());
  }

  Graph graph(SampleSpec samples) {
    ModelOptions options =
        new ModelOptions(
            configuration.find(TrainSettings.DROPOUT).map(Double::floatValue),
            configuration.find(TrainSettings.ACTIVATION).map(Setup::activation));
    Graph graph = model().graph(samples, options);
    Optional<String> freeze = configuration.find(TrainSettings.FREEZE);
    return freeze.isPresent() ? frozen(graph, freeze.get()) : graph;
  }

  private ModelProvider model() {
    if (model == null) {
      String name = configuration.get(TrainSettings.MODEL);
      Optional<Path> classes = configuration.find(TrainSettings.CLASSPATH);
      if (OwnModels.isSource(name)) {
        model = OwnModels.compile(invocation.resolve(Path.of(name)));
      } else if (classes.isPresent()) {
        model = OwnModels.find(name, invocation.resolve(classes.get()));
      } else {
        model = ModelCatalog.find(name);
      }
    }
    return model;
  }

  private static Graph frozen(Graph graph, String globs) {
    List<Pattern> patterns = new ArrayList<>();
    for (String glob : globs.split(",")) {
      Pattern pattern =
          Pattern.compile(
              Stream.of(glob.split("(?=[*?])|(?<=[*?])"))
                  .map(
                      part ->
                          part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                  .collect(Collectors.joining()));
      if (graph.parameters().stream().noneMatch(p -> pattern.matcher(p.name()).matches())) {
        throw new UsageException(
            "--freeze %s fits no parameter of %s, which has %s, ..."
                .formatted(glob, graph.name(), graph.parameters().get(0).name()));
      }
      patterns.add(pattern);
    }
    try {
      return graph.frozen(name -> patterns.stream().anyMatch(p -> p.matcher(name).matches()));
    } catch (IllegalArgumentException nothingLeft) {
      throw new UsageException("--freeze " + globs + ": " + nothingLeft.getMessage());
    }
  }

  private static Op activation(String name) {
    return switch (name) {
      case "leaky-relu" -> Activation.leakyRelu();
      case "elu" -> Activation.elu();
      case "sigmoid" -> Activation.sigmoid();
      case "tanh" -> Activation.tanh();
      case "relu" -> new Relu();
      default -> throw new UsageException("there is no activation " + name);
    };
  }

  DataSplits data() {
    DataSplits data = DatasetCatalog.open(dataset(), datasetOptions());
    return data.withTrain(trained(data.train()));
  }

  private Dataset trained(Dataset all) {
    Optional<Long> limit = configuration.find(TrainSettings.TRAIN_LIMIT);
    return limit.isPresent() ? first(all, limit.get()) : all;
  }

  /**
   * What a run learns from and is measured on.
   *
   * @param train with wrong labels where the settings say so
   * @param validation kept back from training
   * @param test what is measured at the end of each epoch
   */
  record Samples(Dataset train, Optional<Dataset> validation, Dataset test) {}

  /**
   * Divides the data set as the settings say.
   *
   * @throws UsageException if its samples cannot be varied as they say
   */
  Samples samples(DataSplits data) {
    Augmentations.check(configuration, data.train().spec());
    long seed = configuration.get(TrainSettings.SEED);
    long step =
        configuration.get(TrainSettings.BATCH_SIZE) * configuration.get(TrainSettings.ACCUMULATE);
    Dataset train = data.train();
    Dataset test = data.test();
    Optional<Dataset> validation = Optional.empty();
    Optional<Long> overfit = configuration.find(TrainSettings.OVERFIT_BATCHES);
    if (overfit.isPresent()) {
      train = first(train, overfit.get() * configuration.get(TrainSettings.BATCH_SIZE));
      test = train;
    }
    Optional<Double> split = configuration.find(TrainSettings.VALIDATION_SPLIT);
    if (split.isPresent()) {
      Subset.Parts parts = Subset.stratified(train, split.get(), seed);
      train = parts.rest();
      validation = Optional.of(parts.part());
    }
    Optional<Double> noise = configuration.find(TrainSettings.LABEL_NOISE);
    if (noise.isPresent()) {
      train = new NoisyLabels(train, noise.get(), seed);
    }
    Optional<Normalization> normalization = normalization(train);
    if (normalization.isPresent()) {
      train = Renormalized.of(train, normalization.get());
      test = Renormalized.of(test, normalization.get());
      validation = validation.map(kept -> Renormalized.of(kept, normalization.get()));
    }
    if (isDryRun()) {
      train = first(train, step);
      test = first(test, configuration.get(TrainSettings.BATCH_SIZE));
      validation = validation.map(samples -> first(samples, step));
    }
    return new Samples(train, validation, test);
  }

  /** Returns what pixels become, if it is not what the data set says. */
  private Optional<Normalization> normalization(Dataset train) {
    if (recorded.isPresent()) {
      return recorded;
    }
    int channels = train.spec().channels();
    return configuration
        .find(TrainSettings.NORMALIZE)
        .map(
            way ->
                switch (way) {
                  case "statistics" -> Normalization.measured(train);
                  case "range" -> Normalization.range(channels, -1);
                  case "none" -> Normalization.range(channels, 0);
                  default -> throw new UsageException("pixels are not normalised by " + way);
                });
  }

  /** Returns what a run makes small and measures. */
  Loss loss(Dataset train) {
    return Losses.of(configuration, train);
  }

  boolean isDryRun() {
    return configuration.find(TrainSettings.DRY_RUN).orElse(false);
  }

  private static Dataset first(Dataset all, long count) {
    return count >= all.size()
        ? all
        : new Subset(all, IntStream.range(0, Math.toIntExact(count)).toArray());
  }

  TrainingOptions options() {
    return new RunOptions(configuration, isDryRun()).options();
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
