package dev.lamina.device;

import java.nio.ByteBuffer;

/**
 * An order of work on a device. Calls return before the work is done where the device is
 * asynchronous; errors of such work appear at the next {@link #sync()}.
 */
public interface Stream {
  /**
   * Copies {@code source}, from position to limit, to the start of {@code destination}. The source
   * must stay untouched until the stream has passed the copy; pinned memory makes it fast. Neither
   * position nor limit change.
   *
   * @throws IllegalStateException if the destination's arena is closed
   */
  void upload(ByteBuffer source, DeviceBuffer destination);

  /** Copies {@code source} to {@code destination} at its position, under the same rule. */
  void download(DeviceBuffer source, ByteBuffer destination);

  /**
   * Copies as {@link #download} does and marks the end of the copy. A device that waits in a
   * download for the work before overrides this: into pinned memory the copy takes its place in the
   * order, so that the stream does not run empty.
   */
  default Event fetch(DeviceBuffer source, ByteBuffer destination) {
    download(source, destination);
    return record();
  }

  /**
   * Runs a recorded sequence once.
   *
   * @throws IllegalStateException if it is closed
   */
  void launch(Replay replay);

  /** Marks the present end of the stream's order. */
  Event record();

  /** Lets later work of this stream start only when {@code event} has passed. */
  void waitFor(Event event);

  /** Blocks until all work is done, and reports what went wrong since the last time. */
  void sync();
}
