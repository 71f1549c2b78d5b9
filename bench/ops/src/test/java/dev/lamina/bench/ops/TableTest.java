package dev.lamina.bench.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.ops.Report.Place;
import dev.lamina.bench.ops.Result.Measured;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Place PLACE =
      new Place("opencl:0", "some card", 4, Map.of(), new Peak(100, 50));

  @Test
  void sumsCountHowOftenACallIsMade() {
    String table =
        Table.of(
            new Report(
                PLACE,
                PLACE,
                8,
                List.of(result("a", 3, micros(10), micros(5)), result("b", 1, micros(30), null))));
    assertTrue(line(table, "conv2d").matches("conv2d +3 +30.0 +15.0 +0.50 +0.50"), table);
    assertTrue(line(table, "b ").contains(" - "), table);
  }

  @Test
  void theLargerShareSaysWhatBounds() {
    String table = Table.of(new Report(PLACE, null, 8, List.of(result("a", 1, micros(10), null))));
    assertTrue(line(table, "a ").contains("40% mem"), table);
  }

  private static Result result(String place, int times, Measured own, Measured other) {
    return new Result("some", place, times, "conv2d", "1x1 > 1x1", 100, 200, own, other);
  }

  private static Measured micros(double micros) {
    return new Measured("direct", micros, micros, 10, 20, 0.1, 0.4);
  }

  private static String line(String table, String start) {
    return table.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
  }
}
