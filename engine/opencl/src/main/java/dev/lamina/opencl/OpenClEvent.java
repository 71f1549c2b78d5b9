package dev.lamina.opencl;

import dev.lamina.device.Event;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;

/**
 * A point in a queue's order. The driver's event is released as soon as it is known to have passed.
 * Thread-safe: loaders wait for uploads.
 */
final class OpenClEvent implements Event {
  private final OpenClDevice device;
  private cl_event event;

  OpenClEvent(OpenClDevice device, cl_event event) {
    this.device = device;
    this.event = event;
  }

  @Override
  public synchronized void await() {
    if (event != null) {
      Failures.run(
          device.name(),
          "waiting for an event",
          () -> CL.clWaitForEvents(1, new cl_event[] {event}));
      passed();
    }
  }

  @Override
  public synchronized boolean done() {
    if (event != null) {
      int[] status = new int[1];
      CL.clGetEventInfo(
          event, CL.CL_EVENT_COMMAND_EXECUTION_STATUS, Sizeof.cl_int, Pointer.to(status), null);
      // Negative: the work failed, which the next sync reports.
      if (status[0] <= CL.CL_COMPLETE) {
        passed();
      }
    }
    return event == null;
  }

  /** Returns the driver's event, or null where it has passed. */
  synchronized cl_event pending() {
    return event;
  }

  OpenClDevice device() {
    return device;
  }

  private void passed() {
    CL.clReleaseEvent(event);
    event = null;
  }
}
