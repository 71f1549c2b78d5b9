package dev.lamina.cpu;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Stream;
import java.util.ArrayList;
import java.util.List;

/** A call with its kernel; checks what native code could not survive. */
final class CpuPrepared implements PreparedOp {
  private final CpuDevice device;
  private final OpCall call;
  private final Layouts layouts;
  private final Kernel kernel;
  private final Object leakKey;
  private boolean closed;

  CpuPrepared(CpuDevice device, OpCall call, Layouts layouts, Kernel kernel) {
    this.device = device;
    this.call = call;
    this.layouts = layouts;
    this.kernel = kernel;
    leakKey = device.leaks().opened("prepared " + call, 0);
  }

  @Override
  public long workspaceBytes() {
    return kernel.workspaceBytes();
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    checkOpen();
    List<CpuBuffer> in = own("input", inputs, layouts.inputs());
    List<CpuBuffer> out = own("output", outputs, layouts.outputs());
    CpuBuffer scratch = null;
    if (workspaceBytes() > 0) {
      if (workspace == null || workspace.bytes() < workspaceBytes()) {
        throw new IllegalArgumentException(
            "%s needs a workspace of %d bytes, but got %s"
                .formatted(call, workspaceBytes(), workspace));
      }
      scratch = aligned("workspace", CpuBuffer.of(device, workspace));
    }
    return new Bound(kernel.bind(in, out, scratch), arenas(in, out, scratch));
  }

  private List<CpuBuffer> own(String what, List<DeviceBuffer> buffers, List<Layout> expected) {
    if (buffers.size() != expected.size()) {
      throw new IllegalArgumentException(
          "%s: has %d %ss, but %d buffers were given"
              .formatted(call, expected.size(), what, buffers.size()));
    }
    List<CpuBuffer> owned = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      CpuBuffer buffer = CpuBuffer.of(device, buffers.get(i));
      long needed = expected.get(i).bytes();
      if (buffer.bytes() < needed) {
        throw new IllegalArgumentException(
            "%s: %s %d needs %d bytes in layout %s, but %s has %d"
                .formatted(call, what, i, needed, expected.get(i), buffer, buffer.bytes()));
      }
      owned.add(aligned(what + " " + i, buffer.slice(0, needed)));
    }
    return owned;
  }

  private CpuBuffer aligned(String what, CpuBuffer buffer) {
    if (buffer.address() % device.alignment() != 0) {
      throw new IllegalArgumentException(
          "%s: %s at %s is not aligned to %d bytes"
              .formatted(call, what, buffer, device.alignment()));
    }
    return buffer;
  }

  private static List<CpuArena> arenas(
      List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace) {
    List<CpuBuffer> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    if (workspace != null) {
      all.add(workspace);
    }
    return all.stream().map(CpuBuffer::arena).distinct().toList();
  }

  private void checkOpen() {
    device.checkOpen();
    if (closed) {
      throw new IllegalStateException(call + " was used after it was closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      kernel.close();
      device.leaks().closed(leakKey);
    }
  }

  /** The call on its buffers. */
  final class Bound implements Launch {
    private final Runnable work;
    private final CpuArena[] arenas;

    private Bound(Runnable work, List<CpuArena> arenas) {
      this.work = work;
      this.arenas = arenas.toArray(CpuArena[]::new);
    }

    @Override
    public void enqueue(Stream stream) {
      checkReady();
      work.run();
    }

    /** Runs; {@link #checkReady} has passed. */
    void run() {
      work.run();
    }

    /** Throws if the op or memory that it touches has been closed: running it would crash. */
    void checkReady() {
      checkOpen();
      for (CpuArena arena : arenas) {
        arena.checkOpen(call.op().name());
      }
    }

    CpuDevice device() {
      return device;
    }
  }
}
