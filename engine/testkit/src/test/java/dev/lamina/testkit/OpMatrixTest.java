package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.Relu;
import dev.lamina.op.UnsupportedOpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of ops has a row for each op of core, and knows when one of its columns is stale. */
class OpMatrixTest {
  private static final Path DOCUMENT = Path.of("../../docs/ops.md");

  @TempDir Path folder;

  private final String mode = System.getProperty("lamina.docs");

  @AfterEach
  void restore() {
    if (mode == null) {
      System.clearProperty("lamina.docs");
    } else {
      System.setProperty("lamina.docs", mode);
    }
  }

  @Test
  void everyOpHasARow() {
    OpMatrix.checkRows(DOCUMENT);
  }

  private static List<Way> rectifiersOnly(OpCall call) {
    if (call.op() instanceof Relu) {
      return List.of(new Way("plain 7", List.of(new Layout("nhwc", 4)), List.of()));
    }
    throw new UnsupportedOpException("only relu");
  }

  private static void check(Path copy, String column) {
    OpMatrix.check(
        copy, column, OpMatrixTest::rectifiersOnly, name -> name.replace(" 7", ""), Set.of("nhwc"));
  }

  @Test
  void staleColumnIsFoundAndWritten() throws IOException {
    String text =
        "# Ops\n\n"
            + "| op | operands | gradient | toy |\n"
            + "|---|---|---|---|\n"
            + "| `Gone` | | | yes |\n\n"
            + "End\n";
    Path copy = Files.writeString(folder.resolve("ops.md"), text);
    System.clearProperty("lamina.docs");
    AssertionError stale = assertThrows(AssertionError.class, () -> check(copy, "toy"));
    assertTrue(stale.getMessage().contains("-Dlamina.docs=write"), stale.getMessage());
    System.setProperty("lamina.docs", "write");
    OpMatrix.checkRows(copy);
    check(copy, "toy");
    System.clearProperty("lamina.docs");
    assertDoesNotThrow(() -> check(copy, "toy"));
    assertDoesNotThrow(() -> OpMatrix.checkRows(copy));
    List<String> written = Files.readAllLines(copy);
    assertTrue(written.contains("| `Relu` | f32 → f32 | `ReluBackward` | plain (nhwc) |"), text);
    assertTrue(
        written.contains(
            "| `Linear` | f32 → f32 | `LinearBackwardWeights`, `LinearBackwardData` | – |"),
        () -> String.join("\n", written));
    assertTrue(written.get(0).equals("# Ops") && written.get(written.size() - 1).equals("End"));
    assertTrue(written.stream().noneMatch(line -> line.contains("Gone")));
  }

  @Test
  void unknownColumnNamesThoseThatAreThere() throws IOException {
    Path copy = Files.writeString(folder.resolve("ops.md"), "| op | toy |\n|---|---|\n");
    AssertionError unknown = assertThrows(AssertionError.class, () -> check(copy, "toys"));
    assertTrue(unknown.getMessage().contains("toy"), unknown.getMessage());
  }
}
