package dev.lamina.opencl;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.KernelOp;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Range;
import dev.lamina.device.Stream;
import dev.lamina.kernels.KernelArgument;
import dev.lamina.kernels.KernelCall;
import dev.lamina.kernels.KernelWay;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jocl.cl_program;

/** A call whose programs are compiled. Each binding has kernels of its own, arguments set once. */
final class OpenClPrepared implements PreparedOp {
  private final OpenClDevice device;
  private final OpCall call;
  private final KernelWay way;
  private final List<cl_program> programs = new ArrayList<>();
  private final List<Range> ranges = new ArrayList<>();
  private final List<cl_kernel> kernels = new ArrayList<>();
  private final Object leakKey;
  private boolean closed;

  OpenClPrepared(OpenClDevice device, OpCall call, KernelWay way) {
    this.device = device;
    this.call = call;
    this.way = way;
    for (KernelCall kernel : way.calls()) {
      cl_program program = device.programs().get(kernel.source());
      programs.add(program);
      ranges.add(
          call.op() instanceof KernelOp task
              ? TaskKernel.check(device, program, task, call.inputs())
              : kernel.range());
    }
    leakKey = device.leaks().opened("prepared " + call, 0);
  }

  @Override
  public long workspaceBytes() {
    return way.workspaceBytes();
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    checkOpen();
    Operands<OpenClBuffer> operands =
        Operands.check(
            call,
            way.offered(),
            workspaceBytes(),
            device.alignment(),
            device,
            inputs,
            outputs,
            workspace);
    List<cl_kernel> bound = new ArrayList<>();
    for (int i = 0; i < programs.size(); i++) {
      bound.add(bind(programs.get(i), way.calls().get(i), operands));
    }
    return new Bound(bound, operands.all().stream().map(OpenClBuffer::arena).distinct().toList());
  }

  private cl_kernel bind(cl_program program, KernelCall launch, Operands<OpenClBuffer> operands) {
    try {
      cl_kernel kernel = CL.clCreateKernel(program, launch.kernel(), null);
      kernels.add(kernel);
      for (int i = 0; i < launch.arguments().size(); i++) {
        set(kernel, i, launch.arguments().get(i), operands);
      }
      return kernel;
    } catch (CLException failure) {
      throw Failures.of(
          device.name(),
          "giving kernel " + launch.kernel() + " of " + launch.source() + " its arguments",
          failure);
    }
  }

  private static void set(
      cl_kernel kernel, int position, KernelArgument argument, Operands<OpenClBuffer> operands) {
    if (argument instanceof KernelArgument.Int number) {
      CL.clSetKernelArg(kernel, position, Sizeof.cl_int, Pointer.to(new int[] {number.value()}));
    } else if (argument instanceof KernelArgument.Real number) {
      float[] value = {number.value()};
      CL.clSetKernelArg(kernel, position, Sizeof.cl_float, Pointer.to(value));
    } else if (argument instanceof KernelArgument.Struct struct) {
      int[] values = struct.values().stream().mapToInt(Integer::intValue).toArray();
      long bytes = (long) values.length * Sizeof.cl_int;
      CL.clSetKernelArg(kernel, position, bytes, Pointer.to(values));
    } else {
      OpenClBuffer buffer = operand(argument, operands);
      cl_mem part = buffer.arena().part(buffer);
      CL.clSetKernelArg(kernel, position, Sizeof.cl_mem, Pointer.to(part));
    }
  }

  private static OpenClBuffer operand(KernelArgument argument, Operands<OpenClBuffer> operands) {
    if (argument instanceof KernelArgument.Input input) {
      return operands.inputs().get(input.position());
    }
    if (argument instanceof KernelArgument.Output output) {
      return operands.outputs().get(output.position());
    }
    KernelArgument.Scratch part = (KernelArgument.Scratch) argument;
    return operands.workspace().slice(part.offset(), part.bytes());
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
      for (cl_kernel kernel : kernels) {
        Failures.release(device.name(), call.toString(), () -> CL.clReleaseKernel(kernel));
      }
      device.leaks().closed(leakKey);
    }
  }

  /** The call on its buffers. */
  final class Bound implements Launch {
    private final cl_kernel[] kernels;
    private final long[][] global;
    private final long[][] local;
    private final OpenClArena[] arenas;

    private Bound(List<cl_kernel> kernels, List<OpenClArena> arenas) {
      this.kernels = kernels.toArray(cl_kernel[]::new);
      this.arenas = arenas.toArray(OpenClArena[]::new);
      global = new long[this.kernels.length][];
      local = new long[this.kernels.length][];
      for (int i = 0; i < this.kernels.length; i++) {
        local[i] = sizes(ranges.get(i).local());
        global[i] = sizes(ranges.get(i).global());
      }
    }

    /** Returns null where the driver chooses the size of groups. */
    private static long[] sizes(List<Long> sizes) {
      return sizes.isEmpty() ? null : sizes.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public void enqueue(Stream stream) {
      checkOpen();
      for (OpenClArena arena : arenas) {
        arena.checkOpen(call.op().name());
      }
      OpenClStream own = (OpenClStream) stream;
      for (int i = 0; i < kernels.length; i++) {
        String kernel = way.calls().get(i).kernel();
        try {
          CL.clEnqueueNDRangeKernel(
              own.queue(), kernels[i], global[i].length, null, global[i], local[i], 0, null, null);
        } catch (CLException failure) {
          throw Failures.of(device.name(), "launching " + kernel + " for " + call, failure);
        }
        if (device.eachAlone()) {
          own.launched(kernel + " for " + call);
          own.sync();
        }
      }
    }

    OpenClDevice device() {
      return device;
    }
  }
}
