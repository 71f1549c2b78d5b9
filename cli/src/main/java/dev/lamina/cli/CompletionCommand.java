package dev.lamina.cli;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.json.Json;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints a script with which bash and zsh complete arguments.",
      "To use it now: source <(lamina completion)"
    })
final class CompletionCommand implements Callable<Integer> {
  private final Lamina lamina;
  @Spec private CommandSpec command;

  CompletionCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    String script = AutoComplete.bash("lamina", command.root().commandLine());
    if (console.json()) {
      console.document(Json.object("script", script));
    } else {
      console.result(script.stripTrailing());
    }
    return ExitCode.OK;
  }
}
