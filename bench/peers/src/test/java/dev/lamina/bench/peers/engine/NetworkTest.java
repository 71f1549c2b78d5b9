package dev.lamina.bench.peers.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NetworkTest {
  @Test
  void lenet5HasItsPublishedNumberOfParameters() {
    assertEquals(61_706, Network.named("lenet5").parameterCount());
  }

  @Test
  void unknownNameIsAnsweredWithTheNamesThereAre() {
    var failure =
        assertThrows(IllegalArgumentException.class, () -> Network.named("lenet")).getMessage();
    assertTrue(failure.contains("'lenet'") && failure.contains("lenet5"), failure);
  }
}
