package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Moves one parameter-shaped tensor between its physical layout on the device and canonical order
 * on the host, in chunks, so that a large one needs neither heap nor much pinned memory.
 */
final class Transfer {
  private static final long CHUNK = 1 << 20;

  private final Device device;
  private final TensorSpec spec;
  private final Layout layout;
  private final DeviceBuffer physical;

  Transfer(Device device, ParameterLayout.Entry entry, DeviceBuffer flat) {
    this.device = device;
    this.spec = entry.parameter().value().spec();
    this.layout = entry.layout();
    this.physical = flat.slice(entry.offset(), layout.bytes());
  }

  void read(Consumer<ByteBuffer> sink) {
    try (DeviceArena arena = device.arena("transfer");
        PinnedBuffer pinned = device.pinned("transfer", Math.min(CHUNK, spec.bytes()))) {
      DeviceBuffer canonical = physical;
      if (!layout.canonical()) {
        canonical = arena.allocate("canonical", spec.bytes());
        reorder(layout, device.canonical(spec), physical, canonical);
      }
      Stream stream = device.compute();
      for (long offset = 0; offset < spec.bytes(); offset += CHUNK) {
        ByteBuffer chunk = chunk(pinned, offset);
        stream.download(canonical.slice(offset, chunk.remaining()), chunk);
        stream.sync();
        sink.accept(chunk(pinned, offset));
      }
    }
  }

  void write(Consumer<ByteBuffer> source) {
    try (DeviceArena arena = device.arena("transfer");
        PinnedBuffer pinned = device.pinned("transfer", Math.min(CHUNK, spec.bytes()))) {
      DeviceBuffer canonical =
          layout.canonical() ? physical : arena.allocate("canonical", spec.bytes());
      Stream stream = device.compute();
      for (long offset = 0; offset < spec.bytes(); offset += CHUNK) {
        source.accept(chunk(pinned, offset));
        ByteBuffer chunk = chunk(pinned, offset);
        stream.upload(chunk, canonical.slice(offset, chunk.remaining()));
        stream.sync();
      }
      if (!layout.canonical()) {
        reorder(device.canonical(spec), layout, canonical, physical);
      }
    }
  }

  private ByteBuffer chunk(PinnedBuffer pinned, long offset) {
    ByteBuffer chunk = pinned.bytes().duplicate().order(ByteOrder.nativeOrder());
    return chunk.clear().limit((int) Math.min(CHUNK, spec.bytes() - offset));
  }

  private void reorder(Layout from, Layout to, DeviceBuffer source, DeviceBuffer destination) {
    OpCall call = OpCall.of(new Reorder(), 1, spec);
    try (PreparedOp prepared = device.prepare(call, Stopwatch.reorderWay(from, to));
        DeviceArena scratch = device.arena("transfer workspace")) {
      long bytes = prepared.workspaceBytes();
      DeviceBuffer workspace = bytes == 0 ? null : scratch.allocate("workspace", bytes);
      Launch launch = prepared.bind(List.of(source), List.of(destination), workspace);
      try (Replay replay =
          device.record(List.of(new Phase("transfer", List.of(List.of(launch)))))) {
        device.compute().launch(replay);
        device.compute().sync();
      }
    }
  }
}
