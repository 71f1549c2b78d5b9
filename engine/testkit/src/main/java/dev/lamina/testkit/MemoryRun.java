package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One case, run once, with each operand in memory of its own. */
final class MemoryRun {
  private final Device device;
  private final DeviceArena arena;

  private MemoryRun(Device device, DeviceArena arena) {
    this.device = device;
    this.arena = arena;
  }

  /** Returns the way that makes what an input takes. */
  static Way producer(Device device, OpCase.Feed feed, Layout wanted) {
    return device.ways(feed.producer().call(1)).stream()
        .filter(way -> way.outputs().get(feed.output()).equals(wanted))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no way of " + feed.producer() + " leaves " + wanted));
  }

  /** Runs the case; {@code producer} makes its fed input, null where there is none. */
  static void check(Device device, OpCase opCase, Way way, Way producer) {
    try (DeviceArena arena = device.arena("case")) {
      new MemoryRun(device, arena).check(opCase, way, producer);
    } catch (AssertionError | RuntimeException failed) {
      // build tools report dynamic tests by number, so the message must say which one it was
      throw new AssertionError(opCase + " as " + way + ": " + failed.getMessage(), failed);
    }
  }

  private void check(OpCase opCase, Way way, Way producer) {
    OpCase.Feed feed = opCase.feed();
    DeviceBuffer fed = null;
    if (feed != null) {
      List<DeviceBuffer> inputs = inputs(feed.producer(), null);
      List<DeviceBuffer> outputs = outputs(producer);
      run(feed.producer(), producer, inputs, outputs);
      fed = outputs.get(feed.output());
    }
    List<DeviceBuffer> inputs = inputs(opCase, fed);
    List<DeviceBuffer> outputs = outputs(way);
    run(opCase, way, inputs, outputs);

    OpCase.Expected expected = opCase.expected(0, device.precision());
    for (int i = 0; i < outputs.size(); i++) {
      boolean opaque = opCase.opaque(i) || way.outputs().get(i).isPrivate();
      if (!opaque) {
        compare(opCase, "output " + i, outputs.get(i), expected.outputs().get(i));
      }
    }
    for (int position : opCase.op().mutates()) {
      String what = "input " + position + ", changed in place";
      compare(opCase, what, inputs.get(position), expected.inputs().get(position));
    }
  }

  private List<DeviceBuffer> inputs(OpCase opCase, DeviceBuffer fed) {
    List<HostTensor> values = opCase.inputs(0, device.precision());
    List<DeviceBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (fed != null && opCase.feed().input() == i) {
        buffers.add(fed);
        continue;
      }
      TensorSpec spec = values.get(i).spec();
      DeviceBuffer buffer = arena.allocate("input " + i, spec.bytes());
      ByteBuffer bytes = Slab.host(spec.bytes());
      values.get(i).write(bytes);
      device.compute().upload(bytes.rewind(), buffer);
      buffers.add(buffer);
    }
    return buffers;
  }

  private List<DeviceBuffer> outputs(Way way) {
    List<DeviceBuffer> buffers = new ArrayList<>();
    for (Layout layout : way.outputs()) {
      buffers.add(arena.allocate("output " + buffers.size(), layout.bytes()));
    }
    return buffers;
  }

  private void run(OpCase opCase, Way way, List<DeviceBuffer> inputs, List<DeviceBuffer> outputs) {
    try (PreparedOp op = device.prepare(opCase.call(1), way)) {
      long scratch = op.workspaceBytes();
      DeviceBuffer workspace = scratch == 0 ? null : arena.allocate("workspace", scratch);
      Launch launch = op.bind(inputs, outputs, workspace);
      try (Replay replay = device.record(List.of(new Phase("run", List.of(List.of(launch)))))) {
        for (int round = 0; round < opCase.rounds(); round++) {
          if (opCase.cursor() >= 0 && round > 0) {
            ByteBuffer value = Slab.host(Integer.BYTES).putInt(0, round);
            device.compute().upload(value, inputs.get(opCase.cursor()));
          }
          device.compute().launch(replay);
          device.compute().sync();
        }
      }
    }
  }

  private void compare(OpCase opCase, String what, DeviceBuffer buffer, HostTensor wanted) {
    ByteBuffer bytes = Slab.host(wanted.spec().bytes());
    device.compute().download(buffer, bytes);
    device.compute().sync();
    Tolerances.Tolerance tolerance = Tolerances.of(opCase.op(), device.precision(), false);
    HostTensor actual = HostTensor.read(wanted.spec(), bytes.rewind());
    Comparison.compare(opCase.demand(), tolerance, false, wanted, actual)
        .ifPresent(
            wrong -> {
              throw new AssertionError(what + ": " + wrong);
            });
  }
}
