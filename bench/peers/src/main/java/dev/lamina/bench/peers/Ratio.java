package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import dev.lamina.bench.peers.lamina.LaminaEngine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One device of Lamina's against one peer in one mode: our median against the peer's best.
 *
 * @param ours the device
 * @param peer the peer's name; Lamina's where the first device is what others are compared with
 * @param peerVariant the variant with the peer's best window
 * @param speed our median images per second through the peer's best
 * @param speedWithoutPeerUpdate the same as if the peer's updates took no time, while ours do; null
 *     if they are not timed apart
 * @param memory our median peak memory through the lowest of that variant of the peer's
 */
record Ratio(
    Mode mode,
    String ours,
    String peer,
    String peerVariant,
    double speed,
    Double speedWithoutPeerUpdate,
    double memory) {

  /** Compares within one mode; empty if Lamina is not among the engines. */
  static List<Ratio> of(Mode mode, List<Summary> summaries) {
    Map<String, List<Summary>> engines =
        summaries.stream()
            .filter(summary -> summary.mode() == mode)
            .collect(
                Collectors.groupingBy(Summary::engine, LinkedHashMap::new, Collectors.toList()));
    List<Summary> devices =
        Objects.requireNonNullElse(engines.remove(LaminaEngine.NAME), List.of());
    List<Ratio> ratios = new ArrayList<>();
    for (Summary ours : devices) {
      engines.values().forEach(variants -> ratios.add(against(ours, variants)));
      if (ours != devices.get(0)) {
        ratios.add(against(ours, devices.subList(0, 1)));
      }
    }
    return ratios;
  }

  private static Ratio against(Summary ours, List<Summary> variants) {
    Summary fastest =
        variants.stream()
            .max(Comparator.comparingDouble(Summary::bestImagesPerSecond))
            .orElseThrow();
    double withoutUpdate =
        variants.stream().mapToDouble(Summary::bestWithoutUpdate).max().orElseThrow();
    return new Ratio(
        ours.mode(),
        ours.variant(),
        fastest.engine(),
        fastest.variant(),
        ours.medianImagesPerSecond() / fastest.bestImagesPerSecond(),
        fastest.updateShare() == null ? null : ours.medianImagesPerSecond() / withoutUpdate,
        (double) ours.medianPeakBytes() / fastest.lowestPeakBytes());
  }
}
