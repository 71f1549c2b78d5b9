package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.data.DataException;
import dev.lamina.data.SampleSpec;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.datasets.ImageSample;
import dev.lamina.device.Device;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Tells what the model of an earlier run takes pictures for. */
public final class Prediction {
  private static final List<String> SUFFIXES =
      List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff");
  private static final int SECOND_THOUGHTS = 3;

  private final Invocation invocation;
  private final Console console;

  /** Makes predictions for one call. */
  public Prediction(Invocation invocation, Console console) {
    this.invocation = invocation;
    this.console = console;
  }

  /**
   * Predicts by a checkpoint of the run.
   *
   * @param best whether to take that of the lowest validation loss, in place of the last
   * @param flags settings in place of the run's: device, threads
   * @param given pictures and folders of pictures
   * @return a class and all probabilities for each picture, as JSON
   * @throws DataException if a picture cannot be read, or a folder has none
   */
  public Map<String, Object> predict(
      RunDirectory directory, boolean best, Map<Setting<?>, String> flags, List<Path> given)
      throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : given) {
      files.addAll(pictures(path));
    }
    RunRecord record = RunRecord.read(directory);
    Configuration configuration =
        Configuration.resume(directory.recordFile(), record.configuration(), flags);
    Checkpoint checkpoint = Evaluation.checkpoint(directory, best);
    Setup setup = new Setup(configuration, invocation, console);
    Optional<SampleRecord> recorded = record.samples();
    SampleRecord samples = recorded.isPresent() ? recorded.get() : described(setup.description());
    requirePixels(samples.spec(), configuration.get(TrainSettings.DATASET));
    Graph graph = setup.graph(samples.spec());
    long seed = configuration.get(TrainSettings.SEED);
    try (Device device = setup.open(setup.device());
        Model model =
            Model.create(
                device, graph, seed, Evaluation.choices(record, invocation, device, graph));
        Predictor predictor = new Predictor(model, samples.spec(), samples.normalization())) {
      checkpoint.restoreParameters(model);
      return answer(predictor, samples.spec(), files);
    }
  }

  private static SampleRecord described(DatasetDescription data) {
    return new SampleRecord(data.spec(), data.normalization());
  }

  private static void requirePixels(SampleSpec spec, String dataset) {
    int channels = spec.channels();
    if (channels != 1 && channels != 3) {
      throw new UsageException(
          "samples of %s have %d channels: no picture has".formatted(dataset, channels));
    }
  }

  private static List<Path> pictures(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> content = Files.list(path)) {
      List<Path> found = content.filter(Prediction::looksLikePicture).sorted().toList();
      if (found.isEmpty()) {
        throw new DataException(
            path + " has no pictures: no file ends in " + String.join(", ", SUFFIXES));
      }
      return found;
    }
  }

  private static boolean looksLikePicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(name::endsWith);
  }

  private Map<String, Object> answer(Predictor predictor, SampleSpec spec, List<Path> files) {
    List<String> names = spec.classNames();
    Table table = new Table("IMAGE", "CLASS", ">CONFIDENCE", "ELSE");
    List<Object> predictions = new ArrayList<>();
    for (Path file : files) {
      float[] probabilities = predictor.predict(ImageSample.read(file, spec));
      List<Integer> order =
          IntStream.range(0, probabilities.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer c) -> -probabilities[c]))
              .toList();
      int best = order.get(0);
      List<String> others =
          order.stream()
              .skip(1)
              .limit(SECOND_THOUGHTS - 1)
              .map(c -> names.get(c) + " " + Quantities.percent(probabilities[c]))
              .toList();
      table.row(
          file.toString(),
          names.get(best),
          Quantities.percent(probabilities[best]),
          String.join(", ", others));
      Map<String, Object> byName = new LinkedHashMap<>();
      for (int c : order) {
        byName.put(names.get(c), probabilities[c]);
      }
      predictions.add(
          Json.object(
              "image",
              file.toString(),
              "class",
              names.get(best),
              "index",
              best,
              "confidence",
              probabilities[best],
              "probabilities",
              byName));
    }
    table.print(console);
    return Json.object("predictions", predictions);
  }
}
