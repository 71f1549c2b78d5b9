package dev.lamina.device;

import java.util.List;

/**
 * A call made ready for one way of running it: programs compiled, primitives made, workspace known.
 * Closing it releases those; launches bound from it must not be used afterwards.
 */
public interface PreparedOp extends AutoCloseable {
  /** Returns the scratch bytes one launch needs; 0 for none. */
  long workspaceBytes();

  /**
   * Binds the call to memory. A call may be bound several times; launches on separate buffers and
   * workspaces may run beside each other, in the lanes of a phase.
   *
   * @param inputs one buffer per input, at least as long as its layout says
   * @param outputs one buffer per output, likewise
   * @param workspace scratch of at least {@link #workspaceBytes()}, or null where that is 0
   * @return a launch that may be enqueued any number of times, in one place at a time
   * @throws IllegalArgumentException if buffers are missing or too short
   * @throws IllegalStateException if this or an arena of the buffers is closed
   */
  Launch bind(List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace);

  @Override
  void close();
}
