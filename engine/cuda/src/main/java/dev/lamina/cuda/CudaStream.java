package dev.lamina.cuda;

import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** An order of work on the GPU. */
final class CudaStream implements Stream {
  private final CudaDevice device;
  private final Driver driver;
  private final Handle handle;

  /** Events that may not have passed, the oldest first. */
  private final Deque<CudaEvent> pending = new ArrayDeque<>();

  CudaStream(CudaDevice device, Driver driver) {
    this.device = device;
    this.driver = driver;
    handle = driver.stream();
  }

  Handle handle() {
    return handle;
  }

  @Override
  public void upload(ByteBuffer source, DeviceBuffer destination) {
    device.enter();
    CudaBuffer target = CudaBuffer.of(device, destination);
    if (source.remaining() > target.bytes()) {
      throw new IllegalArgumentException(
          "upload of %d bytes into %s, which has %d"
              .formatted(source.remaining(), target, target.bytes()));
    }
    if (source.hasRemaining()) {
      // Heap memory moves, so its bytes are copied, and the copy must live until it has been read.
      boolean heap = !source.isDirect();
      ByteBuffer lent = heap ? copyOf(source) : source;
      run("uploading to " + target, () -> driver.upload(handle, lent, target.address()));
      if (heap) {
        finish();
      }
    }
  }

  @Override
  public void download(DeviceBuffer source, ByteBuffer destination) {
    device.enter();
    CudaBuffer from = CudaBuffer.of(device, source);
    if (destination.remaining() < from.bytes()) {
      throw new IllegalArgumentException(
          "download of %s into a buffer with room for %d".formatted(from, destination.remaining()));
    }
    if (from.bytes() > 0) {
      boolean heap = !destination.isDirect();
      int bytes = Math.toIntExact(from.bytes());
      ByteBuffer lent =
          heap
              ? ByteBuffer.allocateDirect(bytes)
              : destination.duplicate().limit(destination.position() + bytes);
      run("downloading " + from, () -> driver.download(handle, from.address(), lent));
      if (heap) {
        finish();
        destination.duplicate().put(lent);
      }
    }
  }

  private static ByteBuffer copyOf(ByteBuffer source) {
    return ByteBuffer.allocateDirect(source.remaining()).put(source.duplicate()).rewind();
  }

  /** Writes zeros and waits: whoever uses the memory next may do so on the other stream. */
  void zero(long address, long bytes) {
    run("clearing new memory", () -> driver.zero(handle, address, bytes));
    finish();
  }

  @Override
  public void launch(Replay replay) {
    device.enter();
    if (!(replay instanceof CudaReplay own) || own.device() != device) {
      throw new IllegalArgumentException(
          device.name() + ": the replay was recorded by another device");
    }
    if (this != device.compute()) {
      throw new IllegalArgumentException(
          device.name() + ": replays run on the compute stream, where the libraries' scratch is");
    }
    own.run();
  }

  @Override
  public Event record() {
    device.enterBesideOthers();
    Handle mark = device.events().take();
    run("recording an event", () -> driver.record(mark, handle));
    CudaEvent event = new CudaEvent(device, mark);
    synchronized (pending) {
      forget();
      pending.addLast(event);
    }
    return event;
  }

  /** Forgets events that have passed; in order, so the first that has not ends the search. */
  private void forget() {
    while (!pending.isEmpty() && pending.getFirst().done()) {
      pending.removeFirst();
    }
  }

  @Override
  public void waitFor(Event event) {
    device.enterBesideOthers();
    if (!(event instanceof CudaEvent own) || own.device() != device) {
      throw new IllegalArgumentException(
          device.name() + ": the event was recorded by another device");
    }
    synchronized (own) {
      Handle awaited = own.pending();
      if (awaited != null) {
        run("waiting for an event", () -> driver.waitFor(handle, awaited));
      }
    }
  }

  @Override
  public void sync() {
    device.enterBesideOthers();
    finish();
  }

  /** Waits for all work. */
  void finish() {
    run("work in the stream", () -> driver.synchronize(handle));
  }

  private void run(String what, Runnable call) {
    device.attributed(
        what,
        () -> {
          call.run();
          return null;
        });
  }
}
