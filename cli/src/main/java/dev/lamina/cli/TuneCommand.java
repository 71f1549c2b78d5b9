package dev.lamina.cli;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.train.Tuning;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelProvider;
import dev.lamina.tensor.ShapeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tune",
    abbreviateSynopsis = true,
    description = {
      "Looks for the fastest way to run a network's products and convolutions on an OpenCL device.",
      "",
      "Each way is checked before it is timed. What is found is kept in the cache folder for this"
          + " device and driver, and new runs on it use it; runs that go on stay as they are."
    })
final class TuneCommand implements Callable<Integer> {
  private static final String DEVICE = "opencl:0";

  private final Lamina lamina;
  private final SettingOptions settings = new SettingOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      completionCandidates = TrainCommand.Models.class,
      description =
          "Network to tune for; see lamina models. Without one, all that fit the data are taken.")
  private String model;

  @Option(names = "--again", description = "Look anew for what was found earlier.")
  private boolean again;

  private TuneCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  static CommandLine commandLine(Lamina lamina) {
    TuneCommand tune = new TuneCommand(lamina);
    CommandLine line = new CommandLine(tune);
    tune.settings.addTo(
        line.getCommandSpec(),
        List.of(
            TrainSettings.DATASET,
            TrainSettings.DATA_DIR,
            TrainSettings.IMAGE_SIZE,
            TrainSettings.GREY,
            TrainSettings.BATCH_SIZE,
            TrainSettings.DEVICE,
            TrainSettings.CLASSPATH),
        TuneCommand::candidates);
    return line;
  }

  private static List<String> candidates(Setting<?> setting) {
    return setting == TrainSettings.DATASET
        ? DatasetCatalog.list().stream().map(DatasetDescription::name).toList()
        : setting.candidates();
  }

  @Override
  public Integer call() throws IOException {
    Console console = lamina.console();
    Invocation invocation = lamina.invocation();
    Tuning tuning = new Tuning(invocation, console);
    String device = DEVICE;
    if (model != null) {
      Configuration configuration = configuration(model);
      tuning.add(configuration);
      device = configuration.get(TrainSettings.DEVICE);
    } else {
      for (ModelProvider each : ModelCatalog.models()) {
        Configuration configuration = configuration(each.name());
        device = configuration.get(TrainSettings.DEVICE);
        try {
          tuning.add(configuration);
        } catch (ShapeException tooSmall) {
          tuning.passOver(each.name());
        }
      }
    }
    boolean whole = tuning.run(device.equals("auto") ? DEVICE : device, again);
    return whole ? ExitCode.OK : ExitCode.INTERRUPTED;
  }

  private Configuration configuration(String name) {
    Map<Setting<?>, String> flags = new LinkedHashMap<>(settings.given());
    flags.put(TrainSettings.MODEL, name);
    return Configuration.resolve(flags, lamina.invocation().variables(), Optional.empty());
  }
}
