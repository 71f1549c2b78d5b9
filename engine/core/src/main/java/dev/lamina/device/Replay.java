package dev.lamina.device;

/** A recorded sequence of phases that one call launches; see {@link Device#record}. */
public interface Replay extends AutoCloseable {
  @Override
  void close();
}
