package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.json.Json;
import dev.lamina.data.SampleSpec;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetDescription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "datasets", description = "Lists the data sets that can be trained on.")
final class DatasetsCommand implements Callable<Integer> {
  private final Lamina lamina;

  DatasetsCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    List<DatasetDescription> sets = DatasetCatalog.list();
    if (console.json()) {
      console.document(Json.object("datasets", sets.stream().map(DatasetsCommand::json).toList()));
      return ExitCode.OK;
    }
    Table table =
        new Table("NAME", ">TRAIN", ">TEST", "IMAGES", ">CLASSES", ">DOWNLOAD", "DESCRIPTION");
    for (DatasetDescription set : sets) {
      table.row(
          set.name(),
          Quantities.count(set.trainSize()),
          Quantities.count(set.testSize()),
          extents(set.spec()),
          Integer.toString(set.spec().classes()),
          set.downloadBytes() == 0 ? "none" : Quantities.bytes(set.downloadBytes()),
          set.summary());
    }
    table.print(console);
    for (DatasetDescription set : sets) {
      console.detail(set.name() + ": " + set.origin());
    }
    return ExitCode.OK;
  }

  private static String extents(SampleSpec spec) {
    return spec.channels() + "x" + spec.height() + "x" + spec.width();
  }

  private static Map<String, Object> json(DatasetDescription set) {
    return Json.object(
        "name", set.name(),
        "description", set.summary(),
        "input", extents(set.spec()),
        "classes", set.spec().classNames(),
        "train_size", set.trainSize(),
        "test_size", set.testSize(),
        "download_bytes", set.downloadBytes(),
        "origin", set.origin());
  }
}
