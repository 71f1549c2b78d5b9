package dev.lamina.naming;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamesTest {
  private static final List<String> KNOWN = List.of("mnist", "fashion-mnist", "cifar-10", "digits");

  @Test
  void findsNamesWithATypingErrorOrTwo() {
    assertEquals(Optional.of("mnist"), Names.nearest("mnits", KNOWN));
    assertEquals(Optional.of("mnist"), Names.nearest("MNSIT", KNOWN));
    assertEquals(Optional.of("cifar-10"), Names.nearest("cifar10", KNOWN));
    assertEquals(Optional.of("fashion-mnist"), Names.nearest("fashon_mnist", KNOWN));
    assertEquals(Optional.of("digits"), Names.nearest("digit", KNOWN));
  }

  @Test
  void suggestsNothingFarFetched() {
    assertEquals(Optional.empty(), Names.nearest("imagenet", KNOWN));
    assertEquals(Optional.empty(), Names.nearest("", KNOWN));
    assertEquals("", Names.suggestion("svhn", KNOWN));
    assertEquals("; did you mean cifar-10?", Names.suggestion("cifar-100", KNOWN));
  }
}
