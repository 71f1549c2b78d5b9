package dev.lamina.bench.peers.engine;

import java.util.Locale;

/** What is measured. A process measures one of them, so that its peak memory is that one's. */
public enum Mode {
  /** Forward, backward and update, one batch after the other. */
  TRAINING,
  /** Forward alone, with the initial weights. */
  INFERENCE;

  /** Returns the name as it is written on the command line and in reports. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
