package dev.lamina.opencl;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.Event;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;

/**
 * An in-order queue. What is put into it is flushed, so that the other queue may wait for it.
 *
 * <p>The binding keeps a thread for each copy that does not block, so only {@link #fetch} makes
 * one: a few hundred bytes up travel inside the commands themselves, which the driver takes at
 * once, and more of them block, on the copy queue beside the work of the compute queue.
 *
 * <p>Drivers say by an event's status that work has failed. The first such failure is kept and
 * thrown where somebody waits next, with the name of what was launched last.
 */
final class OpenClStream implements Stream {
  /** The longest pattern that OpenCL knows. */
  private static final int LARGEST_PATTERN = 128;

  /** Puts into a queue the event that stands for the work before it; tests let that work fail. */
  interface Marker {
    /** The driver's own. */
    Marker PLAIN =
        queue -> {
          cl_event event = new cl_event();
          CL.clEnqueueMarkerWithWaitList(queue, 0, null, event);
          return event;
        };

    cl_event enqueue(cl_command_queue queue);
  }

  private final OpenClDevice device;
  private final cl_command_queue queue;
  private final int largestInline;
  private final Marker marker;

  /** Events that may not have passed, the oldest first. */
  private final Deque<OpenClEvent> pending = new ArrayDeque<>();

  private volatile String launched = "nothing";
  private final AtomicReference<DeviceException> failure = new AtomicReference<>();

  /**
   * Makes the stream of a queue.
   *
   * @param largestInline bytes that go inside commands: a step's table, not a batch
   */
  OpenClStream(OpenClDevice device, cl_command_queue queue, int largestInline, Marker marker) {
    this.device = device;
    this.queue = queue;
    this.largestInline = largestInline;
    this.marker = marker;
  }

  @Override
  public void upload(ByteBuffer source, DeviceBuffer destination) {
    device.turnCheck().check();
    OpenClBuffer target = OpenClBuffer.of(device, destination);
    if (source.remaining() > target.bytes()) {
      throw new IllegalArgumentException(
          "upload of %d bytes into %s, which has %d"
              .formatted(source.remaining(), target, target.bytes()));
    }
    ByteBuffer bytes = source.slice();
    if (bytes.capacity() <= largestInline) {
      fill(bytes, target);
    } else if (bytes.isDirect()) {
      write(bytes, target);
    } else {
      write(ByteBuffer.allocateDirect(bytes.capacity()).put(bytes).flip(), target);
    }
  }

  private void write(ByteBuffer bytes, OpenClBuffer target) {
    Failures.run(
        device.name(),
        "uploading to " + target,
        () ->
            CL.clEnqueueWriteBuffer(
                queue,
                target.memory(),
                true,
                target.offset(),
                bytes.capacity(),
                Pointer.to(bytes),
                0,
                null,
                null));
  }

  /** Fills runs of the target with patterns of their own length, the longest that fit. */
  private void fill(ByteBuffer bytes, OpenClBuffer target) {
    for (int done = 0; done < bytes.capacity(); ) {
      long place = target.offset() + done;
      int room = Math.min(LARGEST_PATTERN, Integer.highestOneBit(bytes.capacity() - done));
      int length = (int) Math.min(room, place == 0 ? room : Long.lowestOneBit(place));
      byte[] pattern = new byte[length];
      bytes.get(done, pattern);
      Failures.run(
          device.name(),
          "uploading to " + target,
          () ->
              CL.clEnqueueFillBuffer(
                  queue,
                  target.memory(),
                  Pointer.to(pattern),
                  length,
                  place,
                  length,
                  0,
                  null,
                  null));
      done += length;
    }
    flush();
  }

  @Override
  public void download(DeviceBuffer source, ByteBuffer destination) {
    OpenClBuffer from = from(source, destination);
    boolean direct = destination.isDirect();
    ByteBuffer bytes =
        direct ? destination.slice() : ByteBuffer.allocateDirect(Math.toIntExact(from.bytes()));
    read(from, bytes, true).await();
    if (!direct) {
      destination.duplicate().put(bytes);
    }
  }

  /** The one copy that is worth the binding's thread: it comes once in many steps. */
  @Override
  public Event fetch(DeviceBuffer source, ByteBuffer destination) {
    if (!destination.isDirect()) {
      return Stream.super.fetch(source, destination);
    }
    OpenClEvent copied = read(from(source, destination), destination.slice(), false);
    flush();
    return keep(copied);
  }

  private OpenClBuffer from(DeviceBuffer source, ByteBuffer destination) {
    device.turnCheck().check();
    OpenClBuffer from = OpenClBuffer.of(device, source);
    if (destination.remaining() < from.bytes()) {
      throw new IllegalArgumentException(
          "download of %s, %d bytes, into a buffer with room for %d"
              .formatted(from, from.bytes(), destination.remaining()));
    }
    return from;
  }

  private OpenClEvent read(OpenClBuffer from, ByteBuffer bytes, boolean blocking) {
    cl_event read = new cl_event();
    Failures.run(
        device.name(),
        "downloading " + from,
        () ->
            CL.clEnqueueReadBuffer(
                queue,
                from.memory(),
                blocking,
                from.offset(),
                from.bytes(),
                Pointer.to(bytes),
                0,
                null,
                read));
    return new OpenClEvent(this, read);
  }

  @Override
  public void launch(Replay replay) {
    device.turnCheck().check();
    if (!(replay instanceof OpenClReplay own) || own.device() != device) {
      throw new IllegalArgumentException(
          device.name() + ": the replay was recorded by another device");
    }
    launched(own.name());
    own.run(this);
    flush();
  }

  @Override
  public Event record() {
    device.checkOpen();
    OpenClEvent event = mark();
    flush();
    return keep(event);
  }

  private OpenClEvent mark() {
    cl_event event =
        Failures.wrap(device.name(), "recording an event", () -> marker.enqueue(queue));
    return new OpenClEvent(this, event);
  }

  @Override
  public void waitFor(Event event) {
    device.checkOpen();
    if (!(event instanceof OpenClEvent own) || own.device() != device) {
      throw new IllegalArgumentException(
          device.name() + ": the event was recorded by another device");
    }
    synchronized (own) {
      cl_event awaited = own.pending();
      if (awaited != null) {
        Failures.run(
            device.name(),
            "waiting for an event",
            () -> CL.clEnqueueBarrierWithWaitList(queue, 1, new cl_event[] {awaited}, null));
      }
    }
  }

  @Override
  public void sync() {
    device.checkOpen();
    finish();
    DeviceException first = failure.getAndSet(null);
    if (first != null) {
      throw first;
    }
  }

  /** Waits for all work, closed or not; what failed is left for {@link #sync} to throw. */
  void finish() {
    try {
      keep(mark());
    } finally {
      // Also where nothing can be marked any more: what was enqueued may still run.
      Failures.run(device.name(), "work in the queue", () -> CL.clFinish(queue));
    }
    forget();
  }

  /** Notes what is launched, for the message of a failure that appears later. */
  void launched(String what) {
    launched = what;
  }

  /**
   * Notes that work up to some point has failed and returns the first failure since the last sync.
   *
   * @param status what the driver gave as the state of the work, below zero
   */
  DeviceException failed(int status) {
    CLException answer = new CLException("execution status " + status, status);
    DeviceException now =
        device.eachAlone()
            ? Failures.of(device.name(), launched, answer)
            : Failures.of(
                device.name(),
                "work up to the launch of " + launched,
                answer,
                "what was written since the last wait is void; with -D%s=each every kernel is waited for, and the one that fails is named"
                    .formatted(OpenClDevice.SYNC));
    // Another thread's sync may have thrown the first one meanwhile.
    DeviceException first = failure.compareAndExchange(null, now);
    return first == null ? now : first;
  }

  /** Returns the first failure since the last sync. */
  Optional<DeviceException> untold() {
    return Optional.ofNullable(failure.get());
  }

  void flush() {
    Failures.run(device.name(), "starting work", () -> CL.clFlush(queue));
  }

  OpenClDevice device() {
    return device;
  }

  cl_command_queue queue() {
    return queue;
  }

  private OpenClEvent keep(OpenClEvent event) {
    synchronized (pending) {
      pending.addLast(event);
      forget();
    }
    return event;
  }

  /** Forgets events that have passed; in order, so the first that has not ends the search. */
  private void forget() {
    synchronized (pending) {
      while (!pending.isEmpty() && pending.getFirst().done()) {
        pending.removeFirst();
      }
    }
  }
}
