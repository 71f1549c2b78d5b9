package dev.lamina.data;

import java.nio.ByteBuffer;

/**
 * A fixed, numbered set of labelled samples. Reading is thread-safe and always gives the same bytes
 * for the same index.
 */
public interface Dataset {
  /** Returns the name a user types, for example {@code fashion-mnist}. */
  String name();

  /** Returns what one sample looks like. */
  SampleSpec spec();

  /** Returns how stored values become network inputs. */
  Normalization normalization();

  /** Returns the number of samples, at least one. */
  int size();

  /** Returns the class of sample {@code index}, in {@code [0, spec().classes())}. */
  int label(int index);

  /**
   * Writes sample {@code index}, {@code [channels, height, width]} in native byte order, to {@code
   * destination} at its position, which moves on by {@code spec().bytes()}.
   */
  void read(int index, ByteBuffer destination);
}
