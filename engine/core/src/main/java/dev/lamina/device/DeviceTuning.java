package dev.lamina.device;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The ways a device could run its products and convolutions in beside the usual one, and the best
 * that was found for each call, which is kept between processes for this device and driver alone.
 *
 * <p>Whoever asks holds {@link Device#turn()}.
 */
public interface DeviceTuning {
  /**
   * The best way that was found.
   *
   * @param way name of the implementation
   * @param nanos its time
   * @param usualNanos the time of the usual way, measured beside it
   */
  record Found(String way, long nanos, long usualNanos) {}

  /** Says whether there is anything to try for a call; plans then record which way it has. */
  boolean covers(OpCall call);

  /** Returns the way in which a call that {@link #covers} runs where nothing was found. */
  Way usual(OpCall call);

  /**
   * Returns the ways next to one, in a settled order: whoever looks on goes on from the best.
   *
   * @param refused is told of each neighbour that this call cannot have, and why
   */
  List<Way> neighbours(OpCall call, Way way, Consumer<String> refused);

  /** Returns what was found for a call, in this process or an earlier one. */
  Optional<Found> found(OpCall call);

  /**
   * Keeps what was found for a call; plans made from now on follow it.
   *
   * @throws IOException if it cannot be kept between processes
   */
  void keep(OpCall call, Found found) throws IOException;

  /** Returns the file that keeps what was found. */
  Path file();

  /** Returns a text that changes with what was found; empty if nothing was. */
  String stamp();
}
