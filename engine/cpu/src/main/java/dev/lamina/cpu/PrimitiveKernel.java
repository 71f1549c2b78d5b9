package dev.lamina.cpu;

import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.Call;
import dev.lamina.cpu.onednn.OpenMp;
import dev.lamina.cpu.onednn.Primitive;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** One oneDNN primitive as a kernel. */
final class PrimitiveKernel implements Kernel {
  private final Primitive primitive;
  private final int threads;
  private final List<Arg> inputs;
  private final List<Arg> outputs;
  private final List<Call> calls = new ArrayList<>();

  /**
   * Takes over the primitive.
   *
   * @param threads OpenMP threads the primitive was built for
   * @param inputs argument of each input
   * @param outputs argument of each output
   */
  PrimitiveKernel(Primitive primitive, int threads, List<Arg> inputs, List<Arg> outputs) {
    this.primitive = primitive;
    this.threads = threads;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  @Override
  public long workspaceBytes() {
    return primitive.scratchpadBytes();
  }

  @Override
  public Runnable bind(List<CpuBuffer> in, List<CpuBuffer> out, CpuBuffer workspace) {
    Map<Arg, Long> addresses = new EnumMap<>(Arg.class);
    for (int i = 0; i < in.size(); i++) {
      addresses.put(inputs.get(i), in.get(i).address());
    }
    for (int i = 0; i < out.size(); i++) {
      addresses.put(outputs.get(i), out.get(i).address());
    }
    return bind(addresses, workspace);
  }

  /** Binds the primitive to addresses, to which its scratch memory is added. */
  Runnable bind(Map<Arg, Long> addresses, CpuBuffer workspace) {
    if (workspace != null) {
      addresses.put(Arg.SCRATCHPAD, workspace.address());
    }
    Call call = primitive.bind(addresses);
    calls.add(call);
    return () -> {
      OpenMp.setThreads(threads);
      call.run();
    };
  }

  @Override
  public void close() {
    calls.forEach(Call::close);
    primitive.close();
  }
}
