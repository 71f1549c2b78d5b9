package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A call whose programs are loaded and whose library has made up its mind. */
final class CudaPrepared implements PreparedOp {
  private final CudaDevice device;
  private final OpCall call;
  private final Way way;
  private final Work work;
  private final Object leakKey;
  private boolean closed;

  CudaPrepared(CudaDevice device, OpCall call, CudaWay own) {
    this.device = device;
    this.call = call;
    way = own.offered();
    work = device.attributed("preparing " + call, own.work());
    try {
      if (work.warmsUp() && device.firstTime(call, way)) {
        warmUp();
      }
    } catch (RuntimeException failure) {
      work.close();
      throw failure;
    }
    leakKey = device.leaks().opened("prepared " + call, 0);
  }

  /** Runs once on scratch memory of its own, never on a model's. */
  private void warmUp() {
    List<Long> sizes = new ArrayList<>();
    way.inputs().forEach(layout -> sizes.add(layout.bytes()));
    way.outputs().forEach(layout -> sizes.add(layout.bytes()));
    sizes.add(work.workspaceBytes());
    long total = sizes.stream().mapToLong(device::aligned).sum();
    try (CudaArena scratch = device.arena("warm-up of " + call.op().name())) {
      long address = scratch.allocate("operands", Math.max(1, total)).address();
      List<Memory> parts = new ArrayList<>();
      for (long size : sizes) {
        parts.add(new Memory(address, size));
        address += device.aligned(size);
      }
      int inputs = way.inputs().size();
      int operands = sizes.size() - 1;
      Addresses on =
          new Addresses(
              parts.subList(0, inputs), parts.subList(inputs, operands), parts.get(operands));
      device.attributed(
          "running " + call + " on scratch memory",
          () -> {
            work.enqueue(on);
            return null;
          });
      device.compute().finish();
    }
  }

  @Override
  public long workspaceBytes() {
    return work.workspaceBytes();
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    checkOpen();
    Operands<CudaBuffer> operands =
        Operands.check(
            call,
            way,
            workspaceBytes(),
            CudaDevice.LEAST_ALIGNMENT,
            device,
            inputs,
            outputs,
            workspace);
    Memory scratch =
        operands.workspace() == null ? new Memory(0, 0) : operands.workspace().memory();
    Set<CudaArena> arenas = new LinkedHashSet<>();
    operands.all().forEach(buffer -> arenas.add(buffer.arena()));
    return new Bound(
        new Addresses(memory(operands.inputs()), memory(operands.outputs()), scratch), arenas);
  }

  private static List<Memory> memory(List<CudaBuffer> buffers) {
    return buffers.stream().map(CudaBuffer::memory).toList();
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
      device.finish();
      closed = true;
      device.closing(work::close);
      device.leaks().closed(leakKey);
    }
  }

  /** The call on its buffers. */
  final class Bound implements Launch {
    private final Addresses addresses;
    private final Set<CudaArena> arenas;

    private Bound(Addresses addresses, Set<CudaArena> arenas) {
      this.addresses = addresses;
      this.arenas = arenas;
    }

    @Override
    public void enqueue(Stream stream) {
      checkOpen();
      if (stream != device.compute()) {
        throw new IllegalArgumentException(
            device.name() + ": ops run on the compute stream, where the libraries' scratch is");
      }
      arenas.forEach(arena -> arena.checkOpen(call.op().name()));
      device.attributed(
          "launching " + call,
          () -> {
            work.enqueue(addresses);
            return null;
          });
    }

    CudaDevice device() {
      return device;
    }

    Set<CudaArena> arenas() {
      return arenas;
    }

    @Override
    public String toString() {
      return call + " as " + way.implementation();
    }
  }
}
