package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.KernelOp;
import dev.lamina.device.OpCall;
import dev.lamina.device.Range;
import dev.lamina.kernels.Form;
import dev.lamina.kernels.KernelArgument;
import dev.lamina.kernels.KernelCall;
import dev.lamina.kernels.KernelWay;
import dev.lamina.kernels.Program;
import dev.lamina.kernels.ReorderKernels;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** A call by kernels of {@code dev.lamina.kernels}, or by one of the user's. */
final class KernelWork implements Work {
  private final Driver driver;
  private final Handle stream;
  private final KernelWay way;
  private final List<Handle> functions = new ArrayList<>();

  private final List<Range> ranges = new ArrayList<>();

  KernelWork(CudaDevice device, OpCall call, KernelWay way) {
    driver = device.libraries().driver();
    stream = device.compute().handle();
    this.way = way;
    for (KernelCall launch : way.calls()) {
      String program = launch.source().toString();
      String source = launch.source().text(Program.Dialect.CUDA);
      if (call.op() instanceof KernelOp task) {
        TaskKernel.check(task, call.inputs());
        Handle function = device.programs().function(program, source, launch.kernel());
        functions.add(function);
        ranges.add(TaskKernel.range(device.name(), task, driver.mostThreads(function)));
      } else {
        functions.add(device.programs().function(program, source, launch.kernel()));
        ranges.add(launch.range());
      }
    }
  }

  /** Makes the work that takes a tensor from one form to another. */
  static KernelWork reorder(CudaDevice device, TensorSpec spec, Form from, Form to) {
    OpCall call = OpCall.of(new Reorder(), 1, spec);
    return new KernelWork(device, call, ReorderKernels.between(call, from, to, device.target()));
  }

  @Override
  public long workspaceBytes() {
    return way.workspaceBytes();
  }

  @Override
  public boolean warmsUp() {
    return false;
  }

  @Override
  public void enqueue(Addresses operands) {
    for (int i = 0; i < functions.size(); i++) {
      KernelCall call = way.calls().get(i);
      List<Argument> arguments = new ArrayList<>();
      for (KernelArgument argument : call.arguments()) {
        arguments.add(resolve(argument, operands));
      }
      driver.launch(stream, functions.get(i), ranges.get(i), arguments);
    }
  }

  private static Argument resolve(KernelArgument argument, Addresses operands) {
    if (argument instanceof KernelArgument.Input input) {
      return operands.inputs().get(input.position());
    }
    if (argument instanceof KernelArgument.Output output) {
      return operands.outputs().get(output.position());
    }
    if (argument instanceof KernelArgument.Scratch part) {
      return new Argument.Memory(operands.workspace().address() + part.offset(), part.bytes());
    }
    if (argument instanceof KernelArgument.Int number) {
      return new Argument.Int(number.value());
    }
    if (argument instanceof KernelArgument.Struct struct) {
      return new Argument.Struct(struct.values());
    }
    return new Argument.Real(((KernelArgument.Real) argument).value());
  }

  /** The programs are the device's. */
  @Override
  public void close() {}
}
