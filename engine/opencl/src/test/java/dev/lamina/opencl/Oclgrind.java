package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.device.DeviceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_mem;

/**
 * A simulator that reports accesses out of bounds, races, and what is used before it was written.
 * The script oclgrind sets it up and runs the classes that are named after it.
 */
final class Oclgrind {
  /**
   * Buffers that nothing has written, one for each part, and never given back. What Oclgrind notes
   * of a buffer is as long as what the host writes first, one byte in a fill, begins where kernels
   * see the buffer first, and outlives it: where that is wrong, it reports what is sound.
   */
  private static final BufferSource APART =
      new BufferSource() {
        @Override
        public cl_mem allocate(OpenClDevice device, long bytes) {
          cl_mem memory =
              CL.clCreateBuffer(device.context(), CL.CL_MEM_READ_WRITE, bytes, null, null);
          CL.clRetainMemObject(memory);
          return memory;
        }

        @Override
        public cl_mem part(OpenClDevice device, cl_mem memory, long offset, long bytes) {
          boolean whole = offset == 0 && bytes == size(memory);
          if (whole) {
            CL.clRetainMemObject(memory);
            return memory;
          }
          return allocate(device, bytes);
        }
      };

  private final Path log = Path.of(System.getenv("OCLGRIND_LOG"));
  private int read;

  /**
   * Opens the simulator with the kernels for CPU-type devices or those for GPUs. Each time it is
   * opened it begins its log anew.
   */
  OpenClDevice open(boolean panels) {
    Hardware simulator = Hardware.all().get(0);
    assertEquals("Oclgrind Simulator", simulator.info().description(), "opencl:0");
    Path untuned = log.resolveSibling("untuned");
    return new OpenClDevice(
        simulator, DeviceOptions.defaults(), panels, 0, APART, OpenClStream.Marker.PLAIN, untuned);
  }

  /** Returns what has been reported since the last call; empty if nothing. */
  String reports() {
    try {
      String all = Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
      String news = all.substring(read);
      read = all.length();
      return news.strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read " + log, unreadable);
    }
  }

  private static long size(cl_mem memory) {
    long[] bytes = new long[1];
    CL.clGetMemObjectInfo(memory, CL.CL_MEM_SIZE, Sizeof.size_t, Pointer.to(bytes), null);
    return bytes[0];
  }
}
