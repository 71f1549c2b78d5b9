package dev.lamina.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Console.Verbosity;
import dev.lamina.cli.console.Invocation;
import dev.lamina.train.EpochReport;
import dev.lamina.train.EpochReport.Evaluation;
import dev.lamina.train.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private long nanos;
  private String columns = "200";

  private ProgressDisplay display(boolean terminal) {
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    Invocation invocation =
        new Invocation(stream, stream, terminal, terminal, Map.of("COLUMNS", columns), Path.of(""));
    Console console = new Console(invocation, Verbosity.NORMAL, false);
    ProgressDisplay display = new ProgressDisplay(console, () -> nanos);
    display.start(0);
    return display;
  }

  @Test
  void showsHowFarAndHowLong() {
    ProgressDisplay display = display(true);
    nanos = 30_000_000_000L;
    display.progress(new Progress(2, 10, 50, 100, 0.25, 0.875, 12345.6));
    assertEquals(
        "\repoch  2/10  batch 50/100  loss 0.2500  accuracy 87.50 %  12,346 samples/s  left 2:50",
        out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void fitsNarrowTerminals() {
    columns = "80";
    ProgressDisplay display = display(true);
    nanos = 30_000_000_000L;
    display.progress(new Progress(12, 20, 1000, 1875, 0.25, 0.875, 41203));
    display.epoch(
        new EpochReport(
            12,
            100,
            0.5,
            0.75,
            Optional.empty(),
            Optional.of(new Evaluation(0.4, 0.8)),
            41203,
            100,
            0,
            0.01f),
        20);
    String[] drawn = out.toString(StandardCharsets.UTF_8).strip().split("\r");
    assertEquals(
        "epoch 12/20  batch 1000/1875  loss 0.2500  acc 87.50 %  41,203/s  left 0:22", drawn[0]);
    assertEquals(
        "epoch 12/20  loss 0.5000  acc 75.00 %  test loss 0.4000  acc 80.00 %  41,203/s",
        drawn[drawn.length - 1]);
  }

  @Test
  void tellsValidationFromTest() {
    columns = "200";
    display(false)
        .epoch(
            new EpochReport(
                1,
                100,
                0.5,
                0.75,
                Optional.of(new Evaluation(0.45, 0.77)),
                Optional.of(new Evaluation(0.4, 0.8)),
                64,
                100,
                0,
                0.01f),
            2);
    assertEquals(
        "epoch 1/2  loss 0.5000  accuracy 75.00 %  validation loss 0.4500  accuracy 77.00 %"
            + "  test loss 0.4000  accuracy 80.00 %  64 samples/s",
        out.toString(StandardCharsets.UTF_8).strip());
  }

  @Test
  void countsFromWhereARunGoesOn() {
    ProgressDisplay display = display(true);
    display.start(8);
    nanos = 60_000_000_000L;
    display.progress(new Progress(9, 10, 50, 100, Double.NaN, Double.NaN, 0));
    assertEquals("\repoch  9/10  batch 50/100  left 3:00", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void writesPlainLinesNowAndThenElsewhere() {
    ProgressDisplay display = display(false);
    for (int batch = 1; batch <= 70; batch++) {
      nanos = batch * 1_000_000_000L;
      display.progress(new Progress(1, 2, batch, 100, 1, 0.5, 64));
    }
    display.epoch(
        new EpochReport(
            1,
            100,
            0.5,
            0.75,
            Optional.empty(),
            Optional.of(new Evaluation(0.4, 0.8)),
            64,
            100,
            0,
            0.01f),
        2);
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(3, lines.size());
    assertEquals(
        "epoch 1/2  batch 31/100  loss 1.0000  accuracy 50.00 %  64 samples/s  left 2:49",
        lines.get(0));
    assertEquals(
        "epoch 1/2  loss 0.5000  accuracy 75.00 %  test loss 0.4000  accuracy 80.00 %"
            + "  64 samples/s",
        lines.get(2));
  }
}
