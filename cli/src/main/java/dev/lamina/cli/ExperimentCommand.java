package dev.lamina.cli;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.experiment.ExperimentSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "experiment",
    abbreviateSynopsis = true,
    description = {
      "Makes all runs that a file asks for and compares them.",
      "",
      "The file names a base, what to vary and how often to repeat; docs/experiments has examples."
          + " Runs that have ended are kept: the same command goes on where an earlier one stopped."
          + " Settings given here take the place of the file's base."
    })
final class ExperimentCommand implements Callable<Integer> {
  private final Lamina lamina;
  private final SettingOptions settings = new SettingOptions();

  @Parameters(paramLabel = "FILE", description = "Experiment file, in YAML.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for all runs. Default: one in runs, named after the file.")
  private Path out;

  @Option(names = "--short", description = "Run the file's short form, in a folder of its own.")
  private boolean shortForm;

  @Option(
      names = "--repeats",
      paramLabel = "N",
      description = "Seeds of each combination, in place of the file's number.")
  private Integer repeats;

  @Option(names = "--dry-run", description = "List the runs with their time and run none.")
  private boolean dryRun;

  @Spec private CommandSpec command;

  private ExperimentCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  static CommandLine commandLine(Lamina lamina) {
    ExperimentCommand experiment = new ExperimentCommand(lamina);
    CommandLine line = new CommandLine(experiment);
    List<Setting<?>> settings = new ArrayList<>(TrainSettings.ALL);
    settings.remove(TrainSettings.DRY_RUN); // here it means something else
    experiment.settings.addTo(line.getCommandSpec(), settings, Setting::candidates);
    return line;
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    Invocation invocation = lamina.invocation();
    if (repeats != null && (repeats < 1 || repeats > ExperimentSession.MOST_REPEATS)) {
      throw new CommandLine.ParameterException(
          command.commandLine(),
          "--repeats must be a whole number from 1 to "
              + ExperimentSession.MOST_REPEATS
              + ", not "
              + repeats);
    }
    Configuration.misspeltVariables(invocation.variables()).forEach(console::warn);
    ExperimentSession session =
        new ExperimentSession(
            invocation,
            console,
            new ExperimentSession.Request(
                file,
                Optional.ofNullable(out),
                shortForm,
                Optional.ofNullable(repeats),
                settings.given(),
                Version.current(),
                command.root().commandLine().getParseResult().originalArgs()));
    if (dryRun) {
      Map<String, Object> runs = session.rehearse();
      if (console.json()) {
        console.document(runs);
      }
      return ExitCode.OK;
    }
    ExperimentSession.Outcome outcome = session.run();
    if (console.json()) {
      Map<String, Object> document = new LinkedHashMap<>(outcome.record());
      document.put("folder", outcome.folder().toString());
      console.document(document);
    }
    return outcome.interrupted() ? ExitCode.INTERRUPTED : ExitCode.OK;
  }
}
