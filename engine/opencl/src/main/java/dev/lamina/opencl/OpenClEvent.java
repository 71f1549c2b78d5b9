package dev.lamina.opencl;

import dev.lamina.device.DeviceException;
import dev.lamina.device.Event;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;

/**
 * A point in a queue's order. The driver's event is released as soon as it is known to have passed;
 * that the work before it failed is noted in the stream, and thrown to whoever waits here.
 * Thread-safe: loaders wait for uploads.
 */
final class OpenClEvent implements Event {
  private final OpenClStream stream;
  private cl_event event;
  private DeviceException failure;

  OpenClEvent(OpenClStream stream, cl_event event) {
    this.stream = stream;
    this.event = event;
  }

  @Override
  public void await() {
    cl_event awaited = retained();
    if (awaited != null) {
      try {
        // Outside the monitor: others may ask meanwhile whether the point has passed.
        CL.clWaitForEvents(1, new cl_event[] {awaited});
      } catch (CLException refused) {
        // Work that failed says so by its status; anything else is a refusal of the call itself.
        if (!done()) {
          throw Failures.of(stream.device().name(), "waiting for an event", refused);
        }
      } finally {
        release(awaited);
      }
      done();
    }
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  @Override
  public synchronized boolean done() {
    if (event != null) {
      int status = status();
      if (status <= CL.CL_COMPLETE) {
        release(event);
        event = null;
      }
      if (status < CL.CL_COMPLETE) {
        failure = stream.failed(status);
      }
    }
    return event == null;
  }

  private int status() {
    int[] status = new int[1];
    Failures.run(
        stream.device().name(),
        "asking for an event",
        () ->
            CL.clGetEventInfo(
                event,
                CL.CL_EVENT_COMMAND_EXECUTION_STATUS,
                Sizeof.cl_int,
                Pointer.to(status),
                null));
    return status[0];
  }

  /** Returns the driver's event, kept for the caller to release, or null where it has passed. */
  private synchronized cl_event retained() {
    if (event != null) {
      Failures.run(stream.device().name(), "keeping an event", () -> CL.clRetainEvent(event));
    }
    return event;
  }

  private void release(cl_event released) {
    Failures.release(stream.device().name(), "an event", () -> CL.clReleaseEvent(released));
  }

  /** Returns the driver's event, or null where it has passed. */
  synchronized cl_event pending() {
    return event;
  }

  OpenClDevice device() {
    return stream.device();
  }
}
