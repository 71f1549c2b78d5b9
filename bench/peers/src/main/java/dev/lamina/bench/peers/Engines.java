package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.PeerEngine;
import dev.lamina.bench.peers.lamina.LaminaEngine;
import dev.lamina.bench.peers.pytorch.PyTorchEngine;
import java.util.List;

/** The engines there are, in the order of the table. */
final class Engines {
  private static final List<PeerEngine> ALL = List.of(new LaminaEngine(), new PyTorchEngine());

  private Engines() {}

  static List<String> names() {
    return ALL.stream().map(PeerEngine::name).toList();
  }

  static PeerEngine named(String name) {
    return ALL.stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown engine '" + name + "'; there are: " + String.join(", ", names())));
  }
}
