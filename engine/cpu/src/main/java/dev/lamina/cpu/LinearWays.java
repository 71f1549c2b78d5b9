package dev.lamina.cpu;

import dev.lamina.cpu.PrimitiveWays.Operand;
import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.InnerProduct;
import dev.lamina.cpu.onednn.MatMul;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.PostOp;
import dev.lamina.device.OpCall;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Linear layers and matrix products on oneDNN.
 *
 * <p>A linear layer reads images as they lie; its weights then lie in the order of the image's
 * memory, which costs nothing from step to step.
 */
final class LinearWays {
  /** For each layout of the input, those of the weights that suit it: rows, then transposed. */
  private static final Map<String, List<String>> WEIGHTS =
      Map.of(
          "ab", List.of("ab", "ba", "any"),
          "abcd", List.of("abcd", "bcda", "any"),
          "acdb", List.of("acdb", "cdba", "any"),
          "aBcd8b", List.of("aBcd8b"),
          "aBcd16b", List.of("aBcd16b"));

  private LinearWays() {}

  static List<CpuWay> forward(Linear op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec y = call.outputs().get(0);
    long[] weights = weights(x, y.dim(1));
    boolean bias = call.inputs().size() == 3;
    List<Operand> inputs =
        new ArrayList<>(List.of(new Operand(Arg.SRC, image(x)), new Operand(Arg.WEIGHTS, weights)));
    if (bias) {
      inputs.add(Operand.of(Arg.BIAS, call.inputs().get(2)));
    }
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    MemoryDesc vector = bias ? MemoryDesc.of("a", y.dim(1)) : null;
    each(
        x,
        (src, weight) ->
            ways.offer(
                () ->
                    InnerProduct.forward(
                        src, weight, vector, matrix(y), op.relu() ? PostOp.RELU : PostOp.NONE),
                inputs,
                List.of(Operand.of(Arg.DST, y))),
        weights);
    return ways.all();
  }

  static List<CpuWay> backwardData(LinearBackwardData op, OpCall call, Asked asked) {
    TensorSpec dy = call.inputs().get(0);
    TensorSpec dx = call.outputs().get(0);
    long[] weights = weights(dx, dy.dim(1));
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        dx,
        (src, weight) ->
            ways.offer(
                () -> InnerProduct.backwardData(src, weight, matrix(dy)),
                List.of(Operand.of(Arg.DIFF_DST, dy), new Operand(Arg.WEIGHTS, weights)),
                List.of(new Operand(Arg.DIFF_SRC, image(dx)))),
        weights);
    return ways.all();
  }

  static List<CpuWay> backwardWeights(LinearBackwardWeights op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    TensorSpec dy = call.inputs().get(1);
    long[] weights = weights(x, dy.dim(1));
    List<Operand> outputs = new ArrayList<>(List.of(new Operand(Arg.DIFF_WEIGHTS, weights)));
    if (op.bias()) {
      outputs.add(Operand.of(Arg.DIFF_BIAS, call.outputs().get(1)));
    }
    MemoryDesc vector = op.bias() ? MemoryDesc.of("a", dy.dim(1)) : null;
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        x,
        (src, weight) ->
            ways.offer(
                () -> InnerProduct.backwardWeights(src, weight, vector, matrix(dy)),
                List.of(new Operand(Arg.SRC, image(x)), Operand.of(Arg.DIFF_DST, dy)),
                outputs),
        weights);
    return ways.all();
  }

  static List<CpuWay> product(dev.lamina.op.MatMul op, OpCall call, Asked asked) {
    TensorSpec a = call.inputs().get(0);
    TensorSpec b = call.inputs().get(1);
    TensorSpec c = call.outputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    long inner = a.dim(op.transposeA() ? 0 : 1);
    MemoryDesc left = MemoryDesc.of(op.transposeA() ? "ba" : "ab", c.dim(0), inner);
    MemoryDesc right = MemoryDesc.of(op.transposeB() ? "ba" : "ab", inner, c.dim(1));
    // A transposed operand is a plain matrix that oneDNN is told to read by columns.
    ways.offer(
        () -> MatMul.of(left, right, null, matrix(c), PostOp.NONE),
        List.of(Operand.canonical(Arg.SRC), Operand.canonical(Arg.WEIGHTS)),
        List.of(Operand.canonical(Arg.DST)));
    return ways.all();
  }

  /** Receives one combination of layouts of input and weights. */
  private interface Combination {
    void take(MemoryDesc src, MemoryDesc weights);
  }

  private static void each(TensorSpec x, Combination combination, long[] weights) {
    long[] image = image(x);
    List<String> tags = image.length == 4 ? Forms.images() : List.of("ab");
    for (String tag : tags) {
      MemoryDesc src = MemoryDesc.of(tag, image);
      for (String weight : WEIGHTS.get(tag)) {
        combination.take(
            src, weight.equals("any") ? MemoryDesc.any(weights) : MemoryDesc.of(weight, weights));
      }
    }
  }

  /** Images keep their extents, anything else is a matrix. */
  private static long[] image(TensorSpec x) {
    return x.shape().rank() == 4
        ? x.shape().dims()
        : new long[] {x.dim(0), x.elements() / x.dim(0)};
  }

  private static long[] weights(TensorSpec x, long outputs) {
    long[] weights = image(x);
    weights[0] = outputs;
    return weights;
  }

  private static MemoryDesc matrix(TensorSpec spec) {
    return MemoryDesc.of("ab", spec.shape().dims());
  }
}
