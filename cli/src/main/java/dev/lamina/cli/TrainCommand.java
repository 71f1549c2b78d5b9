package dev.lamina.cli;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.train.TrainSession;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetDescription;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelProvider;
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
    name = "train",
    abbreviateSynopsis = true,
    description = {
      "Trains a network and keeps all of the run in a folder.",
      "",
      "A setting is taken from its option, else from its variable (LAMINA_BATCH_SIZE for"
          + " --batch-size), else from --config, else from a recipe for network and data, else from"
          + " a default."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lamina train lenet5",
      "  lamina train cifar-resnet20 --dataset cifar-10 --flip --crop 4 --schedule cosine",
      "  lamina train resnet18 --dataset ./photos --image-size 64 --optimizer adam",
      "  lamina train --resume runs/lenet5-digits-20260102-030405-6a7b --epochs 20"
    })
final class TrainCommand implements Callable<Integer> {
  /** Steps whose times still make a trace that can be looked at. */
  private static final int MOST_PROFILED = 1000;

  private final Lamina lamina;
  private final SettingOptions settings = new SettingOptions();

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      completionCandidates = Models.class,
      description =
          "Network to train; see lamina models. Or a Java file with a ModelProvider of your own.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the run. Default: a new one in runs.")
  private Path out;

  @Option(names = "--resume", paramLabel = "DIR", description = "Go on with an interrupted run.")
  private Path resume;

  @Option(
      names = "--like",
      paramLabel = "RUN",
      description = "Make the choices that an earlier run recorded, to get the same bits.")
  private Path like;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "JSON file of settings, or the run.json of a run.")
  private Path config;

  @Option(
      names = "--explain-plan",
      description = "Print what steps of training and evaluation do: tasks, layouts, bytes.")
  private boolean explainPlan;

  @Option(
      names = "--profile",
      paramLabel = "STEPS",
      description =
          "Once training has ended, time the tasks of so many steps one by one: profile.txt and"
              + " profile.trace.json in the run's folder.")
  private Integer profile;

  @Spec private CommandSpec command;

  /** Names of models, for shells. */
  static final class Models extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Models() {
      ModelCatalog.models().stream().map(ModelProvider::name).forEach(this::add);
    }
  }

  private TrainCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  static CommandLine commandLine(Lamina lamina) {
    TrainCommand train = new TrainCommand(lamina);
    CommandLine line = new CommandLine(train);
    List<Setting<?>> options = new ArrayList<>(TrainSettings.ALL);
    options.remove(TrainSettings.MODEL);
    train.settings.addTo(line.getCommandSpec(), options, TrainCommand::candidates);
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
    Map<Setting<?>, String> flags = new LinkedHashMap<>(settings.given());
    if (model != null) {
      flags.put(TrainSettings.MODEL, model);
    }
    Optional<RunDirectory> resumed = run(resume);
    if (resumed.isPresent() && (out != null || like != null || config != null)) {
      throw new UsageException("--resume goes with neither --out nor --like nor --config");
    }
    Configuration.misspeltVariables(invocation.variables()).forEach(console::warn);
    Configuration configuration =
        resumed.isPresent()
            ? TrainSession.configurationOf(resumed.get(), flags)
            : Configuration.resolve(
                flags,
                invocation.variables(),
                Optional.ofNullable(config).map(invocation::resolve));
    TrainSession.Outcome outcome =
        new TrainSession(
                invocation,
                console,
                new TrainSession.Request(
                    configuration,
                    Optional.ofNullable(out),
                    resumed,
                    run(like),
                    explainPlan,
                    profiledSteps(configuration),
                    Version.current(),
                    command.root().commandLine().getParseResult().originalArgs(),
                    Map.of()))
            .run();
    if (console.json()) {
      Map<String, Object> document = new LinkedHashMap<>(outcome.summary());
      outcome.directory().ifPresent(folder -> document.put("run", folder.toString()));
      console.document(document);
    }
    return outcome.interrupted() ? ExitCode.INTERRUPTED : ExitCode.OK;
  }

  private int profiledSteps(Configuration configuration) {
    if (profile == null) {
      return 0;
    }
    if (profile < 1 || profile > MOST_PROFILED) {
      throw new UsageException(
          "--profile must be a whole number from 1 to %d, not %d"
              .formatted(MOST_PROFILED, profile));
    }
    if (configuration.find(TrainSettings.DRY_RUN).orElse(false)) {
      throw new UsageException("--profile goes not with --dry-run, which keeps nothing");
    }
    return profile;
  }

  private Optional<RunDirectory> run(Path path) {
    return Optional.ofNullable(path).map(lamina.invocation()::resolve).map(RunDirectory::open);
  }
}
