package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.json.Json;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetOptions;
import dev.lamina.datasets.PictureExport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      paramLabel = "N",
      description = "Write the first N training pictures of each class only.")
  private Integer trainLimit;

  @Option(
      names = "--test-limit",
      paramLabel = "N",
      description = "Write the first N test pictures of each class only.")
  private Integer testLimit;

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
            trainLimit == null ? Integer.MAX_VALUE : trainLimit,
            testLimit == null ? Integer.MAX_VALUE : testLimit);
    int written = export.write(DatasetCatalog.open(name, options), target);
    if (console.json()) {
      console.document(Json.object("folder", target.toString(), "pictures", written));
    } else {
      console.result("%s pictures in %s".formatted(Quantities.count(written), target));
    }
    return ExitCode.OK;
  }
}
