package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Event;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** A right device with one fault, which the suite must find. */
final class FaultyDevice implements Device {
  /** What goes wrong, besides the op's own work. */
  @FunctionalInterface
  interface Fault {
    /** Does damage after an op has run. */
    void strike(Bound bound);
  }

  /** A launch that has just run, and the memory it could reach. */
  record Bound(
      OpCall call,
      Way way,
      List<DeviceBuffer> inputs,
      List<DeviceBuffer> outputs,
      DeviceBuffer slab) {
    ByteBuffer input(int position) {
      return inputs.get(position).mapped().orElseThrow();
    }

    ByteBuffer output(int position) {
      return outputs.get(position).mapped().orElseThrow();
    }
  }

  private record Recorded(List<Phase> phases) implements Replay {
    @Override
    public void close() {}
  }

  private final ReferenceDevice device;
  private final Fault fault;
  private DeviceBuffer slab;

  FaultyDevice(ReferenceOptions options, Fault fault) {
    device = ReferenceDevice.open(options);
    this.fault = fault;
  }

  @Override
  public DeviceArena arena(String name) {
    DeviceArena arena = device.arena(name);
    return new DeviceArena() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public DeviceBuffer allocate(String bufferName, long bytes) {
        DeviceBuffer buffer = arena.allocate(bufferName, bytes);
        if (bufferName.equals("slab")) {
          slab = buffer;
        }
        return buffer;
      }

      @Override
      public long bytesInUse() {
        return arena.bytesInUse();
      }

      @Override
      public void seal() {
        arena.seal();
      }

      @Override
      public void close() {
        arena.close();
      }
    };
  }

  @Override
  public PreparedOp prepare(OpCall call, Way way) {
    PreparedOp op = device.prepare(call, way);
    return new PreparedOp() {
      @Override
      public long workspaceBytes() {
        return op.workspaceBytes();
      }

      @Override
      public Launch bind(
          List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
        Launch launch = op.bind(inputs, outputs, workspace);
        return stream -> {
          launch.enqueue(stream);
          fault.strike(new Bound(call, way, inputs, outputs, slab));
        };
      }

      @Override
      public void close() {
        op.close();
      }
    };
  }

  @Override
  public Replay record(List<Phase> phases) {
    return new Recorded(phases);
  }

  @Override
  public Stream compute() {
    Stream stream = device.compute();
    return new Stream() {
      @Override
      public void upload(ByteBuffer source, DeviceBuffer destination) {
        stream.upload(source, destination);
      }

      @Override
      public void download(DeviceBuffer source, ByteBuffer destination) {
        stream.download(source, destination);
      }

      @Override
      public void launch(Replay replay) {
        for (Phase phase : ((Recorded) replay).phases()) {
          phase.lanes().forEach(lane -> lane.forEach(launch -> launch.enqueue(stream)));
        }
      }

      @Override
      public Event record() {
        return stream.record();
      }

      @Override
      public void waitFor(Event event) {
        stream.waitFor(event);
      }

      @Override
      public void sync() {
        stream.sync();
      }
    };
  }

  @Override
  public Stream copy() {
    return compute();
  }

  @Override
  public DeviceInfo info() {
    return device.info();
  }

  @Override
  public int maxLanes() {
    return device.maxLanes();
  }

  @Override
  public int alignment() {
    return device.alignment();
  }

  @Override
  public long maxAllocation() {
    return device.maxAllocation();
  }

  @Override
  public long memoryLimit() {
    return device.memoryLimit();
  }

  @Override
  public ReentrantLock turn() {
    return device.turn();
  }

  @Override
  public PinnedBuffer pinned(String name, long bytes) {
    return device.pinned(name, bytes);
  }

  @Override
  public List<Way> ways(OpCall call) {
    return device.ways(call);
  }

  @Override
  public void close() {
    device.close();
  }
}
