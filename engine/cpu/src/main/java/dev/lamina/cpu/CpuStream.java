package dev.lamina.cpu;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Event;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import java.nio.ByteBuffer;

/** The device's one order of work: everything is done on return, so events have always passed. */
final class CpuStream implements Stream {
  private static final Event PASSED =
      new Event() {
        @Override
        public void await() {
          // the work was done before the event was recorded
        }

        @Override
        public boolean done() {
          return true;
        }
      };

  private final CpuDevice device;
  private final Crew crew;

  CpuStream(CpuDevice device, Crew crew) {
    this.device = device;
    this.crew = crew;
  }

  @Override
  public void upload(ByteBuffer source, DeviceBuffer destination) {
    CpuBuffer target = own(destination);
    if (source.remaining() > target.bytes()) {
      throw new IllegalArgumentException(
          "upload of %d bytes into %s, which has %d"
              .formatted(source.remaining(), target, target.bytes()));
    }
    target.slice(0, source.remaining()).view().put(source.duplicate());
  }

  @Override
  public void download(DeviceBuffer source, ByteBuffer destination) {
    CpuBuffer from = own(source);
    if (destination.remaining() < from.bytes()) {
      throw new IllegalArgumentException(
          "download of %s, %d bytes, into a buffer with room for %d"
              .formatted(from, from.bytes(), destination.remaining()));
    }
    destination.duplicate().put(from.view());
  }

  @Override
  public void launch(Replay replay) {
    device.turnCheck().check();
    if (!(replay instanceof CpuReplay own) || own.device() != device) {
      throw new IllegalArgumentException("cpu: the replay was recorded by another device");
    }
    own.run(crew);
  }

  @Override
  public Event record() {
    device.checkOpen();
    return PASSED;
  }

  @Override
  public void waitFor(Event event) {
    if (event != PASSED) {
      throw new IllegalArgumentException("cpu: the event was recorded by another device");
    }
  }

  @Override
  public void sync() {
    device.checkOpen();
  }

  private CpuBuffer own(DeviceBuffer buffer) {
    device.turnCheck().check();
    return CpuBuffer.of(device, buffer);
  }
}
