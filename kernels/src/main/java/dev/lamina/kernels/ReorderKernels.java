package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tensors taken from one form to another. */
public final class ReorderKernels {
  private ReorderKernels() {}

  /** Returns the ways between all forms that the tensor may be in. */
  static List<KernelWay> all(OpCall call, KernelTarget target) {
    List<KernelWay> ways = new ArrayList<>();
    ways.add(ElementwiseKernels.copy(call, target));
    List<Form> forms = Form.of(call.inputs().get(0), target.precision());
    for (Form from : forms) {
      for (Form to : forms) {
        if (from != to) {
          ways.add(between(call, from, to, target));
        }
      }
    }
    return ways;
  }

  /** Returns the way to run a reorder of a tensor of single precision between two forms. */
  public static KernelWay between(OpCall call, Form from, Form to, KernelTarget target) {
    TensorSpec spec = call.inputs().get(0);
    CallBuilder builder = new CallBuilder(call, target);
    Map<String, String> defines = new HashMap<>();
    if (from.half()) {
      defines.put("FROM_BF16", "1");
    }
    if (to.half()) {
      defines.put("TO_BF16", "1");
    }
    boolean across = from.last() != to.last();
    int channels = across ? builder.count(spec.dim(1)) : 1;
    int plane = across ? builder.count(spec.dim(2) * spec.dim(3)) : 1;
    int count = builder.count(spec.elements());
    builder.elements(
        builder.program(defines, "elements.cl", "stored.cl", "reorder.cl"),
        "reorder",
        count,
        in(0),
        out(0),
        of(to.last() ? channels : plane),
        of(to.last() ? plane : channels),
        of(across),
        of(count));
    return builder.way(
        new Way(from + " to " + to, List.of(from.layout(spec)), List.of(to.layout(spec))));
  }
}
