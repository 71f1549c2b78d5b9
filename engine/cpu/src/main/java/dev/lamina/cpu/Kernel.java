package dev.lamina.cpu;

import java.util.List;

/** What runs one call in one way; {@link CpuPrepared} has checked the buffers it is bound to. */
interface Kernel extends AutoCloseable {
  /** Scratch bytes that a run needs. */
  default long workspaceBytes() {
    return 0;
  }

  /**
   * Binds to memory; the result runs on any thread, on one at a time, and allocates nothing.
   *
   * @param workspace null if the kernel needs none
   */
  Runnable bind(List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace);

  /** Frees native resources, those of bound runs included. */
  @Override
  default void close() {}
}
