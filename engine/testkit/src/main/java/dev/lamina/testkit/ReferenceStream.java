package dev.lamina.testkit;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An order of work. Where the device is asynchronous, work waits in the queue until someone waits
 * for it, so that whoever forgets to wait reads what was there before, each time.
 */
final class ReferenceStream implements Stream {
  private final ReferenceDevice device;
  private final String name;
  private final Queue<Runnable> queue = new ArrayDeque<>();
  private long submitted;
  private long passed;
  private RuntimeException failure;

  ReferenceStream(ReferenceDevice device, String name) {
    this.device = device;
    this.name = name;
  }

  @Override
  public void upload(ByteBuffer source, DeviceBuffer destination) {
    ReferenceBuffer target = device.own(destination);
    if (source.remaining() > target.bytes()) {
      throw new IllegalArgumentException(
          "upload of %d bytes into %s, which has %d"
              .formatted(source.remaining(), target, target.bytes()));
    }
    device.countUpload();
    ByteBuffer lent = source.duplicate();
    submit(() -> target.memory().put(lent));
  }

  @Override
  public void download(DeviceBuffer source, ByteBuffer destination) {
    ReferenceBuffer from = device.own(source);
    if (destination.remaining() < from.bytes()) {
      throw new IllegalArgumentException(
          "download of %s, %d bytes, into a buffer with room for %d"
              .formatted(from, from.bytes(), destination.remaining()));
    }
    device.countDownload();
    ByteBuffer lent = destination.duplicate();
    submit(() -> lent.put(from.memory()));
  }

  @Override
  public void launch(Replay replay) {
    device.checkOpen();
    if (!(replay instanceof ReferenceReplay own) || own.device() != device) {
      throw new IllegalArgumentException(name + ": the replay was recorded by another device");
    }
    own.launch(this);
  }

  @Override
  public Event record() {
    device.checkOpen();
    return new Mark(submitted);
  }

  @Override
  public void waitFor(Event event) {
    if (!(event instanceof Mark mark) || mark.stream().device != device) {
      throw new IllegalArgumentException(name + ": the event was recorded by another device");
    }
    submit(() -> mark.stream().runUpTo(mark.position));
  }

  @Override
  public void sync() {
    device.checkOpen();
    device.countWait();
    runUpTo(submitted);
    RuntimeException failed = failure;
    failure = null;
    if (failed != null) {
      throw failed;
    }
  }

  /** Puts work into the order; a synchronous device does it at once. */
  void submit(Runnable work) {
    device.checkTurn();
    submitted++;
    if (device.options().asynchronous()) {
      queue.add(work);
    } else {
      passed++;
      work.run();
    }
  }

  /** Does all work, keeping the first failure for the next {@link #sync()}. */
  void finish() {
    runUpTo(submitted);
  }

  ReferenceDevice device() {
    return device;
  }

  private void runUpTo(long position) {
    while (passed < position) {
      passed++;
      try {
        queue.remove().run();
      } catch (RuntimeException failed) {
        failure = failure == null ? failed : failure;
      }
    }
  }

  private final class Mark implements Event {
    private final long position;

    Mark(long position) {
      this.position = position;
    }

    ReferenceStream stream() {
      return ReferenceStream.this;
    }

    @Override
    public void await() {
      device.checkOpen();
      device.countWait();
      runUpTo(position);
    }

    /** Says no while work is left, but does a piece of it, so that whoever polls gets there. */
    @Override
    public boolean done() {
      if (passed >= position) {
        return true;
      }
      runUpTo(passed + 1);
      return false;
    }
  }
}
