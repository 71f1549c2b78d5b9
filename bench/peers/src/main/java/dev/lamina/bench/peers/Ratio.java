package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import dev.lamina.bench.peers.lamina.LaminaEngine;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Lamina against one peer in one mode: our median against the peer's best.
 *
 * @param ours our variant with the highest median
 * @param peer the peer's name
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
    List<Summary> all = summaries.stream().filter(summary -> summary.mode() == mode).toList();
    Optional<Summary> ours =
        all.stream()
            .filter(summary -> summary.engine().equals(LaminaEngine.NAME))
            .max(Comparator.comparingDouble(Summary::medianImagesPerSecond));
    if (ours.isEmpty()) {
      return List.of();
    }
    return all.stream()
        .map(Summary::engine)
        .filter(engine -> !engine.equals(LaminaEngine.NAME))
        .distinct()
        .map(
            engine ->
                against(
                    ours.get(),
                    all.stream().filter(summary -> summary.engine().equals(engine)).toList()))
        .toList();
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
