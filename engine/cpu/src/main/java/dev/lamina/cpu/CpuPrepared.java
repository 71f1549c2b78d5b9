package dev.lamina.cpu;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import java.util.List;

/** A call with its kernel; checks what native code could not survive. */
final class CpuPrepared implements PreparedOp {
  private final CpuDevice device;
  private final OpCall call;
  private final Way way;
  private final Kernel kernel;
  private final Object leakKey;
  private boolean closed;

  CpuPrepared(CpuDevice device, OpCall call, Way way, Kernel kernel) {
    this.device = device;
    this.call = call;
    this.way = way;
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
    Operands<CpuBuffer> operands =
        Operands.check(
            call, way, workspaceBytes(), device.alignment(), device, inputs, outputs, workspace);
    Runnable work = kernel.bind(operands.inputs(), operands.outputs(), operands.workspace());
    return new Bound(work, operands.all().stream().map(CpuBuffer::arena).distinct().toList());
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
      device.turnCheck().checkNobodyElse();
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
