package dev.lamina.cuda;

import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Layouts of a way that takes and gives dense, row-major tensors. */
final class CanonicalLayouts {
  private CanonicalLayouts() {}

  static Layouts of(String implementation, OpCall call) {
    return new Layouts(implementation, of(call.inputs()), of(call.outputs()));
  }

  private static List<Layout> of(List<TensorSpec> specs) {
    return specs.stream().map(spec -> new Layout(Layout.CANONICAL, spec.bytes())).toList();
  }
}
