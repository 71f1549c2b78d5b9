package dev.lamina.cli;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.train.Evaluation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "evaluate",
    abbreviateSynopsis = true,
    description = "Measures a trained network on its test data.")
final class EvaluateCommand implements Callable<Integer> {
  private final Lamina lamina;
  private final SettingOptions settings = new SettingOptions();

  @Parameters(paramLabel = "RUN", description = "Folder of a run.")
  private Path run;

  @Option(names = "--best", description = "Take the checkpoint of the lowest validation loss.")
  private boolean best;

  private EvaluateCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  static CommandLine commandLine(Lamina lamina) {
    EvaluateCommand evaluate = new EvaluateCommand(lamina);
    CommandLine line = new CommandLine(evaluate);
    evaluate.settings.addTo(
        line.getCommandSpec(),
        List.of(
            TrainSettings.DATA_DIR,
            TrainSettings.DEVICE,
            TrainSettings.THREADS,
            TrainSettings.PRECISION),
        setting -> setting.candidates());
    return line;
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    RunDirectory directory = RunDirectory.open(lamina.invocation().resolve(run));
    Map<String, Object> measured =
        new Evaluation(lamina.invocation(), console).evaluate(directory, best, settings.given());
    if (console.json()) {
      console.document(measured);
    }
    return ExitCode.OK;
  }
}
