package dev.lamina.cli;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.json.Json;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetOptions;
import dev.lamina.datasets.PictureExport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    abbreviateSynopsis = true,
    description = "Writes a data set as a folder of pictures that --dataset takes.")
final class ExportCommand implements Callable<Integer> {
  private final Lamina lamina;

  @Parameters(index = "0", paramLabel = "NAME", description = "Data set; see lamina datasets.")
  private String name;

  @Parameters(index = "1", paramLabel = "DIR", description = "Folder to write, new or empty.")
  private Path folder;

  @Option(
      names = "--classes",
      split = ",",
      paramLabel = "CLASS",
      description = "Write these classes only. Default: all.")
  private List<String> classes = new ArrayList<>();

  @Option(
      names = "--rest",
      paramLabel = "CLASS",
      description = "Write the samples of all other classes as this one.")
  private String rest;

  @Option(
      names = "--train-limit",
      split = ",",
      paramLabel = "N|CLASS=N",
      description = "Write the first N training pictures of each class only, or of those named.")
  private List<String> trainLimit = new ArrayList<>();

  @Option(
      names = "--test-limit",
      split = ",",
      paramLabel = "N|CLASS=N",
      description = "Write the first N test pictures of each class only, or of those named.")
  private List<String> testLimit = new ArrayList<>();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Folder with the data set's files; nothing is downloaded.")
  private Path dataDir;

  ExportCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    Path target = lamina.invocation().resolve(folder);
    DatasetOptions options =
        DatasetOptions.defaults().withCacheDir(lamina.invocation().cacheFolder());
    if (dataDir != null) {
      options = options.withDataDir(lamina.invocation().resolve(dataDir));
    }
    PictureExport export =
        new PictureExport(
            classes,
            Optional.ofNullable(rest),
            limits("--train-limit", trainLimit),
            limits("--test-limit", testLimit));
    int written = export.write(DatasetCatalog.open(name, options), target);
    if (console.json()) {
      console.document(Json.object("folder", target.toString(), "pictures", written));
    } else {
      console.result("%s pictures in %s".formatted(Quantities.count(written), target));
    }
    return ExitCode.OK;
  }

  /** A number is for all classes that are not named. */
  private static PictureExport.Limits limits(String option, List<String> given) {
    int most = PictureExport.Limits.NONE.most();
    Map<String, Integer> byClass = new HashMap<>();
    for (String entry : given) {
      int sign = entry.lastIndexOf('=');
      String number = entry.substring(sign + 1);
      if (sign == 0 || !number.matches("[1-9]\\d{0,8}")) {
        throw new UsageException(
            option
                + " must be a number from 1, or such numbers for classes as cat=100,dog=50, not "
                + String.join(",", given));
      }
      if (sign < 0) {
        most = Integer.parseInt(number);
      } else {
        byClass.put(entry.substring(0, sign), Integer.valueOf(number));
      }
    }
    return new PictureExport.Limits(most, byClass);
  }
}
