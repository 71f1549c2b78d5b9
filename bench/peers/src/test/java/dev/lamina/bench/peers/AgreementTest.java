package dev.lamina.bench.peers;

import static dev.lamina.bench.peers.Reports.inference;
import static dev.lamina.bench.peers.Reports.training;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.bench.peers.engine.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgreementTest {
  @Test
  void roundingIsAccepted() {
    Agreement agreement =
        Agreement.of(
            Mode.TRAINING, List.of(training("a", 2f, 1.5f, 1f), training("b", 2f, 1.5001f, 1f)));
    assertTrue(agreement.holds(), agreement.problem());
    assertEquals(5e-5, agreement.largestDifference(), 1e-6);
  }

  @Test
  void aLossThatPartsIsNamedWithItsStep() {
    assertProblem(
        "engine/b and engine/a part at the loss of step 2: 1.01 against 1.0",
        Mode.TRAINING,
        training("a", 2f, 1.5f, 1f),
        training("b", 2f, 1.5f, 1.01f));
  }

  @Test
  void aProbabilityThatPartsIsNamed() {
    assertProblem(
        "part at probability 1",
        Mode.INFERENCE,
        inference("a", 0.4f, 0.6f),
        inference("b", 0.4f, 0.601f));
  }

  @Test
  void aCurveThatDoesNotFallProvesNothing() {
    assertProblem("does not learn", Mode.TRAINING, training("a", 2f, 2f, 1.99f));
  }

  @Test
  void noNumbersProveNothing() {
    assertProblem("no finite numbers", Mode.TRAINING, training("a", Float.NaN, 1f));
    assertProblem("no finite numbers", Mode.INFERENCE, inference("a", 0f, 0f));
    assertProblem(
        "part at the loss of step 1",
        Mode.TRAINING,
        training("a", 2f, 1.5f, 1f),
        training("b", 2f, Float.NaN, 1f));
  }

  @Test
  void anotherNumberOfLossesIsNotTheSameWork() {
    assertProblem(
        "another number", Mode.TRAINING, training("a", 2f, 1.5f, 1f), training("b", 2f, 1.5f));
  }

  @Test
  void aRunThatDivergesAfterTheCheckedStepsIsFound() {
    WorkerReport well = training("a", 2f, 1f);
    WorkerReport diverged =
        new WorkerReport(
            "engine", "1", "b", Mode.TRAINING, well.evidence(), Float.NaN, 2, well.windows(), 1);
    assertProblem("ended at a loss of NaN", Mode.TRAINING, well, diverged);
  }

  private static void assertProblem(String part, Mode mode, WorkerReport... reports) {
    Agreement agreement = Agreement.of(mode, List.of(reports));
    assertFalse(agreement.holds());
    assertTrue(agreement.problem().contains(part), agreement.problem());
  }
}
