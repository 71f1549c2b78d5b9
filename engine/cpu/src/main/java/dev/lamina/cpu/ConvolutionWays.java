package dev.lamina.cpu;

import dev.lamina.cpu.PrimitiveWays.Operand;
import dev.lamina.cpu.onednn.Algorithm;
import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.Convolution;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.PostOp;
import dev.lamina.cpu.onednn.Window;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Convolutions on oneDNN.
 *
 * <p>oneDNN's own choice of layouts can be far from the best where channels are few: it takes the
 * matrix product for LeNet-5's first convolution, seven times slower than a direct kernel. So all
 * pairs of usual image layouts are offered, and few channels also as if they were eight, with the
 * surplus zero.
 */
final class ConvolutionWays {
  private static final int VECTOR = 8;

  /** Shapes of one convolution, channels possibly filled up. */
  private record Geometry(long[] src, long[] weights, long[] dst, Window window) {

    static Geometry of(dev.lamina.op.Window w, int groups, Shape x, long filters, long[] y) {
      long inPerGroup = x.dim(1) / groups;
      long[] weights =
          groups == 1
              ? new long[] {filters, inPerGroup, w.height(), w.width()}
              : new long[] {groups, filters / groups, inPerGroup, w.height(), w.width()};
      return new Geometry(x.dims(), weights, y, PoolingWays.window(w));
    }

    Geometry filled(long in, long out) {
      long[] src = src().clone();
      long[] dst = dst().clone();
      long[] weights = weights().clone();
      src[1] = in;
      dst[1] = out;
      weights[0] = out;
      weights[1] = in;
      return new Geometry(src, weights, dst, window);
    }

    /** This geometry, and with few channels filled up to a vector where that is possible. */
    List<Geometry> variants() {
      List<Geometry> variants = new ArrayList<>(List.of(this));
      if (weights.length == 4) {
        Set<List<Long>> channels = new LinkedHashSet<>();
        long in = src[1];
        long out = dst[1];
        long filledIn = in > 1 ? Math.max(in, VECTOR) : in;
        long filledOut = Math.max(out, VECTOR);
        channels.add(List.of(filledIn, out));
        channels.add(List.of(in, filledOut));
        channels.add(List.of(filledIn, filledOut));
        channels.remove(List.of(in, out));
        channels.forEach(c -> variants.add(filled(c.get(0), c.get(1))));
      }
      return variants;
    }
  }

  /** Floats of the widest vectors there are. */
  private static final int WIDEST_VECTOR = 16;

  private ConvolutionWays() {}

  static List<CpuWay> forward(Conv2d op, OpCall call, Asked asked) {
    Shape x = call.inputs().get(0).shape();
    long[] y = call.outputs().get(0).shape().dims();
    Geometry given = Geometry.of(op.window(), op.groups(), x, y[1], y);
    boolean bias = call.inputs().size() == 3;
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        given,
        (geometry, src, dst) ->
            ways.offer(
                () ->
                    Convolution.forward(
                        Algorithm.DIRECT,
                        src,
                        MemoryDesc.any(geometry.weights),
                        bias ? vector(geometry) : null,
                        dst,
                        geometry.window,
                        op.relu() ? PostOp.RELU : PostOp.NONE),
                operands(
                    bias,
                    new Operand(Arg.SRC, given.src, src),
                    new Operand(Arg.WEIGHTS, given.weights),
                    Operand.of(Arg.BIAS, call.inputs().get(call.inputs().size() - 1))),
                List.of(new Operand(Arg.DST, given.dst, dst))));
    return best(ways);
  }

  /** The addend lies as the result does. */
  static List<CpuWay> forwardAdd(Conv2dAdd op, OpCall call, Asked asked) {
    Shape x = call.inputs().get(0).shape();
    long[] y = call.outputs().get(0).shape().dims();
    Geometry given = Geometry.of(op.window(), op.groups(), x, y[1], y);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        given,
        (geometry, src, dst) ->
            ways.offer(
                () ->
                    Convolution.forwardAdd(
                        Algorithm.DIRECT,
                        src,
                        MemoryDesc.any(geometry.weights),
                        vector(geometry),
                        dst,
                        geometry.window,
                        op.relu()),
                List.of(
                    new Operand(Arg.SRC, given.src, src),
                    new Operand(Arg.WEIGHTS, given.weights),
                    Operand.of(Arg.BIAS, call.inputs().get(2)),
                    new Operand(Arg.ADDEND, given.dst, dst)),
                List.of(new Operand(Arg.DST, given.dst, dst))));
    return best(ways);
  }

  static List<CpuWay> backwardData(Conv2dBackwardData op, OpCall call, Asked asked) {
    long[] y = call.inputs().get(0).shape().dims();
    Geometry given = Geometry.of(op.window(), op.groups(), op.input(), y[1], y);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        given,
        (geometry, src, dst) ->
            ways.offer(
                () ->
                    Convolution.backwardData(
                        Algorithm.DIRECT,
                        src,
                        MemoryDesc.any(geometry.weights),
                        dst,
                        geometry.window),
                List.of(
                    new Operand(Arg.DIFF_DST, given.dst, dst),
                    new Operand(Arg.WEIGHTS, given.weights)),
                List.of(new Operand(Arg.DIFF_SRC, given.src, src))));
    return best(ways);
  }

  static List<CpuWay> backwardWeights(Conv2dBackwardWeights op, OpCall call, Asked asked) {
    Shape x = call.inputs().get(0).shape();
    long[] y = call.inputs().get(1).shape().dims();
    Geometry given = Geometry.of(op.window(), op.groups(), x, y[1], y);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    each(
        given,
        (geometry, src, dst) ->
            ways.offer(
                () ->
                    Convolution.backwardWeights(
                        Algorithm.DIRECT,
                        src,
                        MemoryDesc.any(geometry.weights),
                        op.bias() ? vector(geometry) : null,
                        dst,
                        geometry.window),
                List.of(
                    new Operand(Arg.SRC, given.src, src),
                    new Operand(Arg.DIFF_DST, given.dst, dst)),
                operands(
                    op.bias(),
                    new Operand(Arg.DIFF_WEIGHTS, given.weights),
                    Operand.of(Arg.DIFF_BIAS, call.outputs().get(call.outputs().size() - 1)))));
    // Where pixels are skipped, oneDNN 3.11's code for single taps gathers the others in its
    // scratchpad, whole vectors of channels at a time: with fewer channels it writes past the end.
    boolean skips = op.window().strideHeight() > 1 || op.window().strideWidth() > 1;
    if (skips && given.src[1] % WIDEST_VECTOR != 0) {
      ways.refuse(name -> name.startsWith("jit_1x1"));
    }
    List<CpuWay> found = best(ways);
    if (!found.stream().allMatch(way -> isProduct(way.offered().implementation()))) {
      return found;
    }
    List<CpuWay> more = new ArrayList<>(DepthwiseLoops.backwardWeights(op, call));
    more.addAll(found);
    return more;
  }

  /** Receives one combination of layouts of source and destination. */
  private interface Combination {
    void take(Geometry geometry, MemoryDesc src, MemoryDesc dst);
  }

  private static void each(Geometry given, Combination combination) {
    for (Geometry geometry : given.variants()) {
      for (String src : Forms.images()) {
        for (String dst : Forms.images()) {
          combination.take(
              geometry, MemoryDesc.of(src, geometry.src), MemoryDesc.of(dst, geometry.dst));
        }
      }
    }
  }

  /** The operands, the last of them, a bias, only where there is one. */
  private static List<Operand> operands(boolean bias, Operand... operands) {
    return List.of(bias ? operands : Arrays.copyOf(operands, operands.length - 1));
  }

  private static MemoryDesc vector(Geometry geometry) {
    return MemoryDesc.of("a", geometry.dst[1]);
  }

  /** The matrix product and the oldest vector code lose wherever there is a direct kernel. */
  private static List<CpuWay> best(PrimitiveWays ways) {
    ways.dropIfOthers(ConvolutionWays::isProduct);
    ways.dropIfOthers(name -> name.startsWith("jit:sse41"));
    return ways.all();
  }

  private static boolean isProduct(String implementation) {
    return implementation.startsWith("x64:gemm") || implementation.startsWith("gemm");
  }
}
