package dev.lamina.cli;

import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.json.Json;
import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.models.ModelCatalog;
import dev.lamina.models.ModelProvider;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "models", description = "Lists the networks that can be trained.")
final class ModelsCommand implements Callable<Integer> {
  private static final Pattern INPUT =
      Pattern.compile("([1-9]\\d{0,3})x([1-9]\\d{0,4})x([1-9]\\d{0,4})");

  private final Lamina lamina;

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      defaultValue = "1x28x28",
      description = "Count for such images. Default: ${DEFAULT-VALUE}.")
  private String input;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "10",
      description = "Count for so many classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  ModelsCommand(Lamina lamina) {
    this.lamina = lamina;
  }

  @Override
  public Integer call() {
    Console console = lamina.console();
    SampleSpec samples = samples();
    List<Object> listed = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    Table table = new Table("NAME", ">PARAMETERS", ">MULTIPLY-ADDS", ">ACTIVATIONS", "DESCRIPTION");
    for (ModelProvider model : ModelCatalog.models()) {
      Long parameters = null;
      Long multiplyAdds = null;
      Long activationBytes = null;
      String misfit = null;
      try {
        Graph graph = model.graph(samples);
        parameters = graph.parameterCount();
        multiplyAdds = graph.multiplyAdds();
        activationBytes = graph.activationBytes();
      } catch (ShapeException tooSmall) {
        misfit = tooSmall.getMessage();
      }
      table.row(
          model.name(),
          parameters == null ? "-" : Quantities.count(parameters),
          multiplyAdds == null ? "-" : Quantities.scaled(multiplyAdds),
          activationBytes == null ? "-" : Quantities.bytes(activationBytes),
          model.description());
      if (misfit != null) {
        misfits.add(model.name());
      }
      listed.add(
          Json.object(
              "name",
              model.name(),
              "description",
              model.description(),
              "parameters",
              parameters,
              "multiply_adds",
              multiplyAdds,
              "activation_bytes",
              activationBytes,
              "misfit",
              misfit));
    }
    if (console.json()) {
      console.document(Json.object("input", input, "classes", classes, "models", listed));
    } else {
      table.print(console);
      console.info(
          "For images of "
              + input
              + " and "
              + classes
              + " classes; multiply-adds and bytes of all layers' results for one image.");
      if (!misfits.isEmpty()) {
        console.info(
            "Without a number: do not fit such images ("
                + String.join(", ", misfits)
                + "); try --input 3x224x224, or --json for the reason.");
      }
    }
    return ExitCode.OK;
  }

  private SampleSpec samples() {
    Matcher matcher = INPUT.matcher(input);
    if (!matcher.matches()) {
      throw new UsageException(
          "--input " + input + ": write channels, height and width as 3x32x32");
    }
    if (classes < 2 || classes > 1_000_000) {
      throw new UsageException("--classes " + classes + ": must be from 2 to 1,000,000");
    }
    return SampleSpec.of(
        DataType.U8,
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)),
        classes);
  }
}
