package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Console.Verbosity;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.json.Json;
import dev.lamina.naming.Names;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    CommandLine line =
        new CommandLine(this)
            .addSubcommand(new DevicesCommand(this))
            .addSubcommand(new DoctorCommand(this))
            .addSubcommand(new ModelsCommand(this))
            .addSubcommand(
                new CommandLine(new DatasetsCommand(this)).addSubcommand(new ExportCommand(this)))
            .addSubcommand(TrainCommand.commandLine(this))
            .addSubcommand(EvaluateCommand.commandLine(this))
            .addSubcommand(PredictCommand.commandLine(this))
            .addSubcommand(new ReportCommand(this))
            .addSubcommand(ExperimentCommand.commandLine(this))
            .addSubcommand(TuneCommand.commandLine(this))
            .addSubcommand(new CompletionCommand(this))
            .setOut(new PrintWriter(invocation.out(), true))
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
