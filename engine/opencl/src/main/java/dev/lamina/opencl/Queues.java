package dev.lamina.opencl;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;

/** The context of a device and its two in-order queues, released together. */
final class Queues implements AutoCloseable {
  /** Makes a queue; tests let the driver refuse. */
  interface Maker {
    /** The driver's own. */
    Maker PLAIN = Queues::inOrder;

    /**
     * Returns a queue of the device in that context.
     *
     * @throws CLException if the driver refuses
     */
    cl_command_queue make(cl_context context, cl_device_id device);
  }

  private final String device;
  private final cl_context context;
  private final cl_command_queue compute;
  private final cl_command_queue copy;

  private Queues(
      String device, cl_context context, cl_command_queue compute, cl_command_queue copy) {
    this.device = device;
    this.context = context;
    this.compute = compute;
    this.copy = copy;
  }

  /**
   * Opens the context and the queues.
   *
   * @throws dev.lamina.device.DeviceException if the driver refuses; nothing is kept then
   */
  static Queues open(Hardware hardware, Maker maker) {
    String device = hardware.info().name();
    cl_context_properties properties = new cl_context_properties();
    properties.addProperty(CL.CL_CONTEXT_PLATFORM, hardware.platform());
    cl_device_id[] devices = {hardware.id()};
    cl_context context = null;
    cl_command_queue compute = null;
    try {
      context = CL.clCreateContext(properties, 1, devices, null, null, null);
      compute = maker.make(context, hardware.id());
      return new Queues(device, context, compute, maker.make(context, hardware.id()));
    } catch (CLException failure) {
      release(device, compute);
      release(device, context);
      throw Failures.of(device, "opening the device", failure);
    }
  }

  @SuppressWarnings("deprecation") // the later call needs OpenCL 2.0; drivers keep this one
  private static cl_command_queue inOrder(cl_context context, cl_device_id device) {
    return CL.clCreateCommandQueue(context, device, 0, null);
  }

  cl_context context() {
    return context;
  }

  cl_command_queue compute() {
    return compute;
  }

  cl_command_queue copy() {
    return copy;
  }

  @Override
  public void close() {
    release(device, compute);
    release(device, copy);
    release(device, context);
  }

  private static void release(String device, cl_command_queue queue) {
    if (queue != null) {
      Failures.release(device, "a queue", () -> CL.clReleaseCommandQueue(queue));
    }
  }

  private static void release(String device, cl_context context) {
    if (context != null) {
      Failures.release(device, "the context", () -> CL.clReleaseContext(context));
    }
  }
}
