package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Moves one tensor of a model between its physical layout on the device and canonical order on the
 * host, in pieces of any size, so that a large one needs no heap.
 */
public final class TensorTransfer implements AutoCloseable {
  private final Device device;
  private final TensorSpec spec;
  private final Layout layout;
  private final DeviceBuffer physical;
  private final DeviceArena arena;
  private final DeviceBuffer canonical;
  private final Runnable changes;

  /**
   * Makes a transfer.
   *
   * @param changes run whenever the tensor is about to change
   */
  TensorTransfer(Device device, ParameterLayout.Entry entry, DeviceBuffer flat, Runnable changes) {
    this.device = device;
    this.changes = changes;
    this.spec = entry.parameter().value().spec();
    this.layout = entry.layout();
    this.physical = flat.slice(entry.offset(), layout.bytes());
    this.arena = device.arena("transfer of " + entry.parameter().name());
    try {
      canonical = layout.canonical() ? physical : arena.allocate("canonical", spec.bytes());
      if (canonical != physical) {
        reorder(layout, device.canonical(spec), physical, canonical);
      }
    } catch (RuntimeException | Error failure) {
      arena.close();
      throw failure;
    }
  }

  /** Returns type and shape of the tensor. */
  public TensorSpec spec() {
    return spec;
  }

  /**
   * Reads elements in canonical order, native byte order, as they were when the transfer was made.
   *
   * @param first index of the first element
   * @param chunk filled from its position to its limit, which it then reaches
   */
  public void read(long first, ByteBuffer chunk) {
    device.compute().download(part(first, chunk), chunk);
    device.compute().sync();
    chunk.position(chunk.limit());
  }

  /**
   * Writes elements in canonical order, native byte order; the tensor has them after {@link
   * #finish()}.
   *
   * @param first index of the first element
   * @param chunk taken from its position to its limit, which it then reaches
   */
  public void write(long first, ByteBuffer chunk) {
    changes.run();
    device.compute().upload(chunk, part(first, chunk));
    device.compute().sync();
    chunk.position(chunk.limit());
  }

  /** Puts what was written into the tensor. */
  public void finish() {
    changes.run();
    if (canonical != physical) {
      reorder(device.canonical(spec), layout, canonical, physical);
    }
  }

  private DeviceBuffer part(long first, ByteBuffer chunk) {
    return canonical.slice(first * spec.type().bytes(), chunk.remaining());
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

  @Override
  public void close() {
    arena.close();
  }
}
