package dev.lamina.cli;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.train.Prediction;
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
    name = "predict",
    abbreviateSynopsis = true,
    description = {
      "Tells what a trained network takes pictures for.",
      "",
      "Pictures may be of any size, grey or coloured: the largest part with the proportions of the"
          + " network's input, from the middle, is scaled to it."
    })
final class PredictCommand implements Callable<Integer> {
  private final Lamina lamina;
  private final SettingOptions settings = new SettingOptions();

  @Parameters(index = "0", paramLabel = "RUN", description = "Folder of a run.")
  private Path run;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "PNG, JPEG, GIF, BMP or TIFF, or a folder of them.")
  private List<Path> images;

  @Option(names = "--best", description = "Take the checkpoint of the lowest validation loss.")
  private boolean best;

  private PredictCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  static CommandLine commandLine(Lamina lamina) {
    PredictCommand predict = new PredictCommand(lamina);
    CommandLine line = new CommandLine(predict);
    predict.settings.addTo(
        line.getCommandSpec(),
        List.of(TrainSettings.DEVICE, TrainSettings.THREADS, TrainSettings.PRECISION),
        setting -> setting.candidates());
    return line;
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    RunDirectory directory = RunDirectory.open(lamina.invocation().resolve(run));
    List<Path> resolved = images.stream().map(lamina.invocation()::resolve).toList();
    Map<String, Object> answer =
        new Prediction(lamina.invocation(), console)
            .predict(directory, best, settings.given(), resolved);
    if (console.json()) {
      console.document(answer);
    }
    return ExitCode.OK;
  }
}
