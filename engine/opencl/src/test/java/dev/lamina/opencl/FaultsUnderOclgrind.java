package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import java.nio.ByteBuffer;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Kernels with one fault each: what {@link Oclgrind} would miss, it cannot vouch for. */
@TestInstance(Lifecycle.PER_CLASS)
class FaultsUnderOclgrind {
  private static final int WORK_ITEMS = 4;

  private final Oclgrind oclgrind = new Oclgrind();
  private OpenClDevice device;

  @BeforeAll
  void open() {
    device = oclgrind.open(false);
  }

  @AfterAll
  void close() {
    device.close();
  }

  @Test
  void soundKernelIsNotReported() {
    assertEquals("", reports("y[get_global_id(0)] = x[get_global_id(0)];"));
  }

  @Test
  void readBeyondAnOperandIsReported() {
    assertReported("Invalid read", "y[get_global_id(0)] = x[get_global_id(0) + 1];");
  }

  @Test
  void writeBeyondAnOperandIsReported() {
    assertReported("Invalid write", "y[get_global_id(0) + 1] = x[get_global_id(0)];");
  }

  @Test
  void raceForAResultIsReported() {
    assertReported("data race", "y[0] = x[get_global_id(0)];");
  }

  @Test
  void missingBarrierIsReported() {
    assertReported(
        "data race",
        "local float tile[4]; int i = get_local_id(0); tile[i] = x[i]; y[i] = tile[(i + 1) % 4];");
  }

  @Test
  void useOfWhatNothingWroteIsReported() {
    assertReported("Uninitialized", "x[get_global_id(0)] = y[get_global_id(0)];");
  }

  private void assertReported(String what, String body) {
    String reports = reports(body);
    assertTrue(reports.contains(what), () -> body + " must be reported as " + what + ":" + reports);
  }

  /** Runs a kernel on x, which is written, and y, which is not. */
  private String reports(String body) {
    try (DeviceArena arena = device.arena("faults")) {
      String text = "kernel void fault(global float* x, global float* y) { " + body + " }";
      cl_program program =
          CL.clCreateProgramWithSource(device.context(), 1, new String[] {text}, null, null);
      CL.clBuildProgram(program, 0, null, null, null, null);
      cl_kernel kernel = CL.clCreateKernel(program, "fault", null);
      DeviceBuffer x = arena.allocate("x", WORK_ITEMS * Sizeof.cl_float);
      DeviceBuffer y = arena.allocate("y", WORK_ITEMS * Sizeof.cl_float);
      ByteBuffer values = ByteBuffer.allocateDirect((int) x.bytes());
      device.compute().upload(values.putFloat(0, 1).putFloat(4, 2), x);
      give(kernel, 0, x);
      give(kernel, 1, y);
      long[] range = {WORK_ITEMS};
      CL.clEnqueueNDRangeKernel(
          device.compute().queue(), kernel, 1, null, range, range, 0, null, null);
      device.compute().sync();
      CL.clReleaseKernel(kernel);
      CL.clReleaseProgram(program);
    }
    return oclgrind.reports();
  }

  private void give(cl_kernel kernel, int place, DeviceBuffer buffer) {
    OpenClBuffer own = device.own(buffer);
    cl_mem memory = own.arena().part(own);
    CL.clSetKernelArg(kernel, place, Sizeof.cl_mem, Pointer.to(memory));
  }
}
