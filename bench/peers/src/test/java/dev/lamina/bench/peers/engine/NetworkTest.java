package dev.lamina.bench.peers.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {
  @ParameterizedTest
  @CsvSource({
    "lenet5, 61706",
    "cifar-alexnet, 27279882",
    "cifar-resnet18, 11173962",
    "resnet50, 25557032"
  })
  void hasItsPublishedNumberOfParameters(String name, long count) {
    assertEquals(count, Network.named(name).parameterCount());
  }

  @Test
  void unknownNameIsAnsweredWithTheNamesThereAre() {
    var failure =
        assertThrows(IllegalArgumentException.class, () -> Network.named("lenet")).getMessage();
    assertTrue(failure.contains("'lenet'") && failure.contains("lenet5"), failure);
  }
}
