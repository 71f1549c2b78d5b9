package dev.lamina.bench.peers;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Settings SETTINGS = new Settings("lenet5", 64, 16, 1, 2, 20, 3, 5, 2, 0);
  private static final Host HOST = new Host("a cpu", 2, "Linux 6", "a JVM", List.of());

  @Test
  void showsFiguresAndThatTheWorkWasTheSame() {
    String table = table(0.01, Reports.measured("a", 250_000_000, new Window(1, 7613, 1, 0.1, 0)));
    assertTrue(table.contains("idle before every run (at most 1 % busy)"), table);
    assertTrue(table.contains("7,613"), table);
    assertTrue(table.contains("8,459"), table);
    assertTrue(table.contains("10.0 %"), table);
    assertTrue(table.contains(" 250 "), table);
    assertTrue(table.contains("same work: the first losses agree"), table);
  }

  @Test
  void saysWhenTheMachineWasBusy() {
    String table = table(0.5, Reports.measured("a", 1, Reports.window(1, 1)));
    assertTrue(table.contains("NOT IDLE before 1 of 1 runs (up to 50 % busy"), table);
  }

  @Test
  void saysWhenNoWindowWasUndisturbed() {
    String table = table(0, Reports.measured("a", 1, new Window(1, 1, 1, null, 0.5)));
    assertTrue(table.contains("0/1"), table);
    assertTrue(table.contains("DISTURBED: other processes ran during all windows of engine a"));
  }

  @Test
  void saysWhenTheWorkDiffers() {
    String table = table(0, Reports.training("a", 2f, 1f), Reports.training("b", 2f, 1.5f));
    assertTrue(table.contains("NOT THE SAME WORK: engine/b and engine/a part"), table);
    assertFalse(table.contains("same work: the first"), table);
  }

  private static String table(double busyShare, WorkerReport... reports) {
    List<WorkerReport> all = List.of(reports);
    return Table.of(
        Comparison.of(
            HOST,
            SETTINGS,
            all.stream().map(r -> new Run(1, new IdleWait.Seen(busyShare, 0), r)).toList()));
  }
}
