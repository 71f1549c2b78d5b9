package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.report.Report;
import dev.lamina.cli.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description = "Writes a run's page of figures and pictures, report.html, from its folder.")
final class ReportCommand implements Callable<Integer> {
  private final Lamina lamina;

  @Parameters(paramLabel = "RUN", description = "Folder of a run.")
  private Path run;

  ReportCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    Path report = Report.write(RunDirectory.open(lamina.invocation().resolve(run)));
    console.result(report.toString());
    if (console.json()) {
      console.document(Json.object("report", report.toString()));
    }
    return ExitCode.OK;
  }
}
