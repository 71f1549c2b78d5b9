package dev.lamina.cpu;

import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.function.Supplier;

/**
 * One way to run a call.
 *
 * @param layouts what is offered to the caller
 * @param kernel makes the kernel; the thread count for OpenMP has been set
 */
record Way(OpCall call, Layouts layouts, Supplier<Kernel> kernel) {

  /** A way that takes and gives everything in canonical form. */
  static Way canonical(OpCall call, String implementation, Supplier<Kernel> kernel) {
    Layouts layouts =
        new Layouts(implementation, canonical(call.inputs()), canonical(call.outputs()));
    return new Way(call, layouts, kernel);
  }

  private static List<Layout> canonical(List<TensorSpec> specs) {
    return specs.stream().map(spec -> new Layout(Layout.CANONICAL, spec.bytes())).toList();
  }

  CpuPrepared prepare(CpuDevice device) {
    return new CpuPrepared(device, call, layouts, kernel.get());
  }
}
