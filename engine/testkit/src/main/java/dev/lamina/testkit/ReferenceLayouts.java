package dev.lamina.testkit;

import dev.lamina.device.DeviceException;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.Add;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.op.Softmax;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The physical forms that {@link ReferenceDevice} knows, and which op takes which. */
final class ReferenceLayouts {
  private static final String REVERSED = "reversed";

  /** What a forward pass saves for its backward pass: opaque, so that no reorder may touch it. */
  private static final String SECRET = "secret";

  private static final String SECRET_REVERSED = "secret_reversed";

  /** Elements that the reversed form is padded with, at least; then to a multiple of as many. */
  private static final long PADDING = 8;

  private static final Set<Class<? extends Op>> FREE =
      Set.of(
          Conv2d.class,
          Conv2dAdd.class,
          Conv2dBackwardData.class,
          Conv2dBackwardWeights.class,
          MatMul.class,
          Linear.class,
          LinearBackwardData.class,
          LinearBackwardWeights.class,
          MaxPool2d.class,
          MaxPool2dBackward.class,
          AvgPool2d.class,
          AvgPool2dBackward.class,
          BatchNorm2d.class,
          BatchNorm2dInference.class,
          BatchNorm2dBackward.class,
          Relu.class,
          ReluBackward.class,
          Add.class,
          Softmax.class);

  private ReferenceLayouts() {}

  static List<Way> offered(OpCall call, List<ReferenceWay> ways) {
    if (!FREE.contains(call.op().getClass())) {
      return List.of(way(call, ReferenceWay.CANONICAL));
    }
    return ways.stream().map(way -> way(call, way)).toList();
  }

  private static Way way(OpCall call, ReferenceWay way) {
    boolean reverseInputs = way != ReferenceWay.CANONICAL;
    boolean reverseOutputs = way == ReferenceWay.REVERSED;
    List<Layout> inputs = new ArrayList<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      boolean changed = call.op().mutates().contains(i);
      inputs.add(
          layout(call.inputs().get(i), reverseInputs && !changed, readsSecret(call.op(), i)));
    }
    List<Layout> outputs = new ArrayList<>();
    for (int i = 0; i < call.outputs().size(); i++) {
      boolean secret = call.op().opaque().contains(i);
      outputs.add(layout(call.outputs().get(i), reverseOutputs, secret));
    }
    String name =
        call.op() instanceof Reorder ? "reorder" : "plain_" + way.name().toLowerCase(Locale.ROOT);
    return new Way(name, inputs, outputs);
  }

  private static boolean readsSecret(Op op, int input) {
    return op instanceof MaxPool2dBackward && input == 1
        || op instanceof BatchNorm2dBackward && input == 3;
  }

  private static Layout layout(TensorSpec spec, boolean reversed, boolean secret) {
    if (reversed) {
      return new Layout(secret ? SECRET_REVERSED : REVERSED, reversedBytes(spec));
    }
    return new Layout(secret ? SECRET : Layout.CANONICAL, spec.bytes());
  }

  /** Checks that a reorder goes between forms that are no secret of one op. */
  static void checkReorder(TensorSpec spec, Way way) {
    boolean known =
        way.implementation().equals("reorder")
            && way.inputs().size() == 1
            && way.outputs().size() == 1
            && isTransparent(spec, way.inputs().get(0))
            && isTransparent(spec, way.outputs().get(0));
    if (!known) {
      throw new DeviceException(
          "reference: cannot reorder %s as %s; only canonical and reversed layouts of its own can"
              .formatted(spec, way));
    }
  }

  private static boolean isTransparent(TensorSpec spec, Layout layout) {
    return layout.equals(layout(spec, false, false)) || layout.equals(layout(spec, true, false));
  }

  /**
   * Reads a tensor from the form it lies in.
   *
   * @throws DeviceException if its padding is not zero
   */
  static HostTensor read(TensorSpec spec, Layout layout, ByteBuffer bytes) {
    HostTensor stored = HostTensor.read(spec, bytes);
    if (!isReversed(layout)) {
      return stored;
    }
    for (long i = spec.bytes(); i < layout.bytes(); i++) {
      if (bytes.get(bytes.position() + (int) i) != 0) {
        throw new DeviceException(
            "reference: the padding of %s in layout %s is not zero at byte %d of %d; whoever wrote"
                    .formatted(spec, layout, i, layout.bytes())
                + " it last must keep padding zero");
      }
    }
    return reversed(stored);
  }

  /** Writes a tensor in the form asked for, padding included. */
  static void write(HostTensor tensor, Layout layout, ByteBuffer bytes) {
    if (!isReversed(layout)) {
      tensor.write(bytes);
      return;
    }
    reversed(tensor).write(bytes);
    for (long i = tensor.spec().bytes(); i < layout.bytes(); i++) {
      bytes.put(bytes.position() + (int) i, (byte) 0);
    }
  }

  private static boolean isReversed(Layout layout) {
    return layout.tag().equals(REVERSED) || layout.tag().equals(SECRET_REVERSED);
  }

  private static long reversedBytes(TensorSpec spec) {
    long elements = (spec.elements() + 2 * PADDING - 1) / PADDING * PADDING;
    return elements * spec.type().bytes();
  }

  private static HostTensor reversed(HostTensor tensor) {
    HostTensor result = tensor.copy();
    double[] values = result.values();
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.at(values.length - 1 - i);
    }
    return result;
  }
}
