package dev.lamina.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/** The process that tries the drivers: builds a kernel on every device, and may not survive it. */
final class DriverTrial {
  /** The exit code where the trial itself fails, not a driver; the file then says why. */
  static final int FAULT = 70;

  /** The exit code where the loader, or JOCL's part of it, cannot be loaded; the file says why. */
  static final int UNLOADABLE = 71;

  private static final String KERNEL = "__kernel void trial(__global int* x) { x[0] = 1; }";

  private DriverTrial() {}

  /** Writes the device whose turn it is to the file that the argument names. */
  public static void main(String[] arguments) throws IOException {
    Path progress = Path.of(arguments[0]);
    try {
      buildEverywhere(progress);
    } catch (UnsatisfiedLinkError unloadable) {
      Files.writeString(progress, String.valueOf(unloadable.getMessage()));
      System.exit(UNLOADABLE);
    } catch (CLException none) {
      // A loader without drivers: whoever asks it gets the same answer.
      return;
    } catch (RuntimeException | LinkageError fault) {
      Files.writeString(progress, fault.toString());
      System.exit(FAULT);
    }
  }

  private static void buildEverywhere(Path progress) throws IOException {
    for (Hardware hardware : Hardware.all()) {
      if (!hardware.pocl() || Hardware.linkerFound()) {
        Files.writeString(progress, hardware.info().name() + " " + hardware.info().description());
        try {
          build(hardware);
        } catch (CLException refused) {
          // It answers, and will say the same to whoever opens the device.
          continue;
        }
      }
    }
  }

  private static void build(Hardware hardware) {
    cl_context_properties properties = new cl_context_properties();
    properties.addProperty(CL.CL_CONTEXT_PLATFORM, hardware.platform());
    cl_device_id[] devices = {hardware.id()};
    cl_context context = CL.clCreateContext(properties, 1, devices, null, null, null);
    cl_program program =
        CL.clCreateProgramWithSource(context, 1, new String[] {KERNEL}, null, null);
    CL.clBuildProgram(program, 1, devices, null, null, null);
    cl_kernel kernel = CL.clCreateKernel(program, "trial", null);
    CL.clReleaseKernel(kernel);
    CL.clReleaseProgram(program);
    CL.clReleaseContext(context);
  }
}
