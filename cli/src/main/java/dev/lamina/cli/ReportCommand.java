package dev.lamina.cli;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.ShellCommand;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.report.ComparisonPage;
import dev.lamina.cli.report.Report;
import dev.lamina.cli.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    description = {
      "Writes a run's page of figures and pictures, report.html, from its folder.",
      "",
      "Of several runs it writes a page that compares them."
    })
final class ReportCommand implements Callable<Integer> {
  private final Lamina lamina;

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folder of a run.")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Page that compares runs. Default: comparison.html.")
  private Path out;

  @Spec private CommandSpec command;

  ReportCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    Path report = runs.size() == 1 ? ofOne() : ofSeveral();
    console.result(report.toString());
    if (console.json()) {
      console.document(Json.object("report", report.toString()));
    }
    return ExitCode.OK;
  }

  private Path ofOne() throws IOException {
    if (out != null) {
      throw new UsageException("--out goes with several runs; one has its page in its folder");
    }
    return Report.write(RunDirectory.open(lamina.invocation().resolve(runs.get(0))));
  }

  private Path ofSeveral() throws IOException {
    if (runs.size() > ComparisonPage.MOST_RUNS) {
      throw new UsageException(
          "%d runs are more than the %d that a page can show side by side"
              .formatted(runs.size(), ComparisonPage.MOST_RUNS));
    }
    Invocation invocation = lamina.invocation();
    List<RunDirectory> opened =
        runs.stream().map(invocation::resolve).map(RunDirectory::open).toList();
    Path file = invocation.resolve(out == null ? Path.of("comparison.html") : out);
    if (Files.isDirectory(file)) {
      throw new UsageException("--out " + file + " is a folder; name a file");
    }
    List<String> words = new ArrayList<>(List.of("lamina"));
    words.addAll(command.root().commandLine().getParseResult().originalArgs());
    ComparisonPage.write(file, opened, ShellCommand.of(words));
    return file;
  }
}
