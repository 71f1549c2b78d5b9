package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Console.Verbosity;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.json.Json;
import dev.lamina.naming.Names;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: the options that every command takes, the commands, and what failure looks like. */
@Command(
    name = "lamina",
    description = "Trains convolutional networks.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = false,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    parameterListHeading = "%nParameters:%n")
final class Lamina {
  private final Invocation invocation;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON document; all else goes to standard error.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print results and errors only.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Print more, and where an error came from.")
  private boolean verbose;

  Lamina(Invocation invocation) {
    this.invocation = invocation;
  }

  Invocation invocation() {
    return invocation;
  }

  Console console() {
    Verbosity verbosity = quiet ? Verbosity.QUIET : verbose ? Verbosity.VERBOSE : Verbosity.NORMAL;
    return new Console(invocation, verbosity, json);
  }

  int run(String... arguments) {
    boolean colour = invocation.outIsTerminal() && Console.coloursWanted(invocation);
    CommandLine line = new CommandLine(this);
    commands(arguments).forEach((name, command) -> line.addSubcommand(command.get()));
    line.setOut(new PrintWriter(invocation.out(), true))
        .setErr(new PrintWriter(invocation.err(), true))
        .setExpandAtFiles(false)
        .setColorScheme(Help.defaultColorScheme(colour ? Help.Ansi.ON : Help.Ansi.OFF))
        .setExecutionStrategy(this::execute)
        .setParameterExceptionHandler((wrong, given) -> fail(wrong, usage(wrong, given)))
        .setExecutionExceptionHandler(
            (thrown, command, parsed) -> fail(thrown, place(command, Failure.of(thrown))));
    try {
      return line.execute(arguments);
    } catch (LinkageError | OutOfMemoryError | StackOverflowError | AssertionError broken) {
      // Picocli hands on exceptions only.
      return fail(broken, place(line, Failure.of(broken)));
    } finally {
      invocation.out().flush();
      invocation.err().flush();
    }
  }

  /**
   * Makers of the commands that a command line needs: of the one it begins with, since reading the
   * options of all of them takes a third of the time of a short command; else of all.
   */
  private Map<String, Supplier<CommandLine>> commands(String[] arguments) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("devices", () -> new CommandLine(new DevicesCommand(this)));
    commands.put("doctor", () -> new CommandLine(new DoctorCommand(this)));
    commands.put("models", () -> new CommandLine(new ModelsCommand(this)));
    commands.put(
        "datasets",
        () -> new CommandLine(new DatasetsCommand(this)).addSubcommand(new ExportCommand(this)));
    commands.put("train", () -> TrainCommand.commandLine(this));
    commands.put("evaluate", () -> EvaluateCommand.commandLine(this));
    commands.put("predict", () -> PredictCommand.commandLine(this));
    commands.put("report", () -> new CommandLine(new ReportCommand(this)));
    commands.put("experiment", () -> ExperimentCommand.commandLine(this));
    commands.put("tune", () -> TuneCommand.commandLine(this));
    commands.put("completion", () -> new CommandLine(new CompletionCommand(this)));
    String first = arguments.length > 0 ? arguments[0] : "";
    // Completion writes out the options of all of them.
    if (commands.containsKey(first) && !first.equals("completion")) {
      commands.keySet().retainAll(Set.of(first));
    }
    return commands;
  }

  private int execute(CommandLine.ParseResult parsed) {
    if (verbose) {
      // Read when the first library asks for its logger, which is after this.
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
    }
    if (quiet && verbose) {
      throw new ParameterException(
          parsed.commandSpec().commandLine(), "-q and -v cannot be given together");
    }
    if (!parsed.hasSubcommand()
        && !parsed.isUsageHelpRequested()
        && !parsed.isVersionHelpRequested()) {
      throw new ParameterException(parsed.commandSpec().commandLine(), "name a command");
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private int fail(Throwable thrown, Failure failure) {
    invocation.out().flush();
    invocation.err().println(failure.message());
    if (verbose && !(thrown instanceof ParameterException)) {
      thrown.printStackTrace(invocation.err());
    }
    if (json) {
      invocation
          .out()
          .println(
              Json.document(
                  Json.object("error", failure.message(), "exit_code", failure.exitCode())));
    }
    return failure.exitCode();
  }

  private static Failure place(CommandLine command, Failure failure) {
    return new Failure(
        command.getCommandSpec().qualifiedName() + ": " + failure.message(), failure.exitCode());
  }

  private Failure usage(ParameterException wrong, String[] given) {
    // Parsing stopped early: options behind the mistake were not seen.
    json |= Arrays.asList(given).contains("--json");
    CommandSpec command = wrong.getCommandLine().getCommandSpec();
    String message = wrong.getMessage();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      message = unmatched(command, unmatched.getUnmatched().get(0));
    }
    return place(
        command.commandLine(),
        new Failure(message + "; see " + command.qualifiedName() + " --help", ExitCode.USAGE));
  }

  private static String unmatched(CommandSpec command, String given) {
    List<String> known = new ArrayList<>();
    String what = "unexpected argument ";
    String name = given;
    if (given.startsWith("-")) {
      what = "unknown option ";
      name = given.replaceFirst("=.*", "");
      for (OptionSpec option : command.options()) {
        known.addAll(List.of(option.names()));
      }
    } else if (!command.subcommands().isEmpty()) {
      what = "unknown command ";
      known.addAll(command.subcommands().keySet());
    }
    return what + name + Names.suggestion(name, known);
  }
}
