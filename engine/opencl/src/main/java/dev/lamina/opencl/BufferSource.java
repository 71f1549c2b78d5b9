package dev.lamina.opencl;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_buffer_region;
import org.jocl.cl_mem;

/** Where a device's arenas get memory objects from; whoever asks releases them. */
interface BufferSource {
  /** Zeroed buffers, and sub-buffers for their parts. */
  BufferSource ZEROED =
      new BufferSource() {
        @Override
        public cl_mem allocate(OpenClDevice device, long bytes) {
          cl_mem memory =
              CL.clCreateBuffer(device.context(), CL.CL_MEM_READ_WRITE, bytes, null, null);
          try {
            CL.clEnqueueFillBuffer(
                device.compute().queue(),
                memory,
                Pointer.to(new byte[1]),
                Sizeof.cl_char,
                0,
                bytes,
                0,
                null,
                null);
            // Whoever fills it next may do so on the other queue.
            CL.clFinish(device.compute().queue());
          } catch (CLException failed) {
            CL.clReleaseMemObject(memory);
            throw failed;
          }
          return memory;
        }

        @Override
        public cl_mem part(OpenClDevice device, cl_mem memory, long offset, long bytes) {
          return CL.clCreateSubBuffer(
              memory,
              CL.CL_MEM_READ_WRITE,
              CL.CL_BUFFER_CREATE_TYPE_REGION,
              new cl_buffer_region(offset, bytes),
              null);
        }
      };

  /**
   * Returns memory for an allocation of an arena.
   *
   * @throws CLException if the driver refuses
   */
  cl_mem allocate(OpenClDevice device, long bytes);

  /**
   * Returns a run of an allocation as kernels take it.
   *
   * @throws CLException if the driver refuses
   */
  cl_mem part(OpenClDevice device, cl_mem memory, long offset, long bytes);
}
