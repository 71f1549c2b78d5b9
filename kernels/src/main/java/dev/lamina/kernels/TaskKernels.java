package dev.lamina.kernels;

import dev.lamina.device.KernelOp;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.Way;
import java.util.ArrayList;
import java.util.List;

/** Kernels of the user's, as one launch. */
final class TaskKernels {
  private TaskKernels() {}

  static KernelWay way(KernelOp op, OpCall call) {
    checkCountable(op);
    List<KernelArgument> arguments = new ArrayList<>();
    for (KernelOp.Argument argument : op.arguments()) {
      arguments.add(
          argument instanceof KernelOp.Array array
              ? new KernelArgument.Input(array.position())
              : number(((KernelOp.Scalar) argument).value()));
    }
    List<Layout> inputs =
        call.inputs().stream().map(spec -> new Layout(Layout.CANONICAL, spec.bytes())).toList();
    KernelCall launch =
        new KernelCall(new TaskProgram(op.kernel()), op.kernel().name(), op.range(), arguments);
    return new KernelWay(new Way("user", inputs, List.of()), 0, List.of(launch));
  }

  /** The preludes' words for places are of 32 bits and would turn negative. */
  private static void checkCountable(KernelOp op) {
    Range range = op.range();
    boolean countable = range.global().stream().allMatch(size -> size <= Integer.MAX_VALUE);
    if (op.kernel().isPortable() && !countable) {
      throw new RangeException(
          "task \"%s\", kernel %s over %s: portable kernels count to %d in each dimension; use"
                  .formatted(op.task(), op.kernel().name(), range, Integer.MAX_VALUE)
              + " more dimensions, or let each work-item take several elements",
          range.global(),
          range.local());
    }
  }

  private static KernelArgument number(Number value) {
    if (value instanceof Integer number) {
      return new KernelArgument.Int(number);
    }
    if (value instanceof Float number) {
      return new KernelArgument.Real(number);
    }
    long bits =
        value instanceof Double number ? Double.doubleToRawLongBits(number) : value.longValue();
    // All devices take the low half first.
    return new KernelArgument.Struct(List.of((int) bits, (int) (bits >>> 32)));
  }
}
