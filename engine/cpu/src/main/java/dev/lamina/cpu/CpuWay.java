package dev.lamina.cpu;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.function.Supplier;

/**
 * One way to run a call.
 *
 * @param offered what is offered to the caller
 * @param kernel makes the kernel; the thread count for OpenMP has been set
 */
record CpuWay(OpCall call, Way offered, Supplier<Kernel> kernel) {

  /** A way that takes and gives everything in canonical form. */
  static CpuWay canonical(OpCall call, String implementation, Supplier<Kernel> kernel) {
    Way offered = new Way(implementation, canonical(call.inputs()), canonical(call.outputs()));
    return new CpuWay(call, offered, kernel);
  }

  private static List<Layout> canonical(List<TensorSpec> specs) {
    return specs.stream().map(spec -> new Layout(Layout.CANONICAL, spec.bytes())).toList();
  }

  CpuPrepared prepare(CpuDevice device) {
    return new CpuPrepared(device, call, offered, kernel.get());
  }
}
