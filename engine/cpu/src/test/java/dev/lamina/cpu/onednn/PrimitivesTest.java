package dev.lamina.cpu.onednn;

import static dev.lamina.cpu.onednn.Harness.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrimitivesTest {

  @ParameterizedTest
  @CsvSource({"32,400,120", "1,31,33", "7,84,10", "3,1,1"})
  void innerProductAgreesWithNaiveLoops(int batch, int in, int out) {
    float[] src = Harness.random(1, batch, in);
    float[] weights = Harness.random(2, out, in);
    float[] bias = Harness.random(3, out);
    float[] diffDst = Harness.random(4, batch, out);
    double[] dst = new double[batch * out];
    double[] diffSrc = new double[batch * in];
    double[] diffWeights = new double[out * in];
    double[] diffBias = new double[out];
    for (int n = 0; n < batch; n++) {
      for (int o = 0; o < out; o++) {
        float g = diffDst[n * out + o];
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += (double) src[n * in + i] * weights[o * in + i];
          diffSrc[n * in + i] += (double) g * weights[o * in + i];
          diffWeights[o * in + i] += (double) g * src[n * in + i];
        }
        dst[n * out + o] = Math.max(sum, 0);
        diffBias[o] += g;
      }
    }
    MemoryDesc s = MemoryDesc.any(batch, in);
    MemoryDesc w = MemoryDesc.any(out, in);
    MemoryDesc b = MemoryDesc.of("a", out);
    MemoryDesc d = MemoryDesc.any(batch, out);
    try (PrimitiveDesc desc = InnerProduct.forward(s, w, b, d, PostOp.RELU)) {
      Map<Arg, float[]> inputs = Map.of(Arg.SRC, src, Arg.WEIGHTS, weights, Arg.BIAS, bias);
      assertClose(dst, Harness.run(desc, inputs, Arg.DST).get(Arg.DST), "forward");
    }
    try (PrimitiveDesc desc = InnerProduct.backwardData(s, w, d)) {
      Map<Arg, float[]> inputs = Map.of(Arg.WEIGHTS, weights, Arg.DIFF_DST, diffDst);
      assertClose(diffSrc, Harness.run(desc, inputs, Arg.DIFF_SRC).get(Arg.DIFF_SRC), "data");
    }
    try (PrimitiveDesc desc = InnerProduct.backwardWeights(s, w, b, d)) {
      Map<Arg, float[]> inputs = Map.of(Arg.SRC, src, Arg.DIFF_DST, diffDst);
      Map<Arg, float[]> diff = Harness.run(desc, inputs, Arg.DIFF_WEIGHTS, Arg.DIFF_BIAS);
      assertClose(diffWeights, diff.get(Arg.DIFF_WEIGHTS), "weights");
      assertClose(diffBias, diff.get(Arg.DIFF_BIAS), "bias");
    }
  }

  @Test
  void matMulIsExactOnSmallIntegersAndAddsToItsDestination() {
    float[] a = {1, 2, 3, 4, 5, 6};
    float[] b = {7, 8, 9, 10, 11, 12};
    try (PrimitiveDesc desc =
        MatMul.of(
            Harness.plain(2, 3), Harness.plain(3, 2), null, Harness.plain(2, 2), PostOp.SUM)) {
      Map<Arg, float[]> inputs =
          Map.of(Arg.SRC, a, Arg.WEIGHTS, b, Arg.DST, new float[] {1, 0, 0, -1});
      float[] dst = Harness.run(desc, inputs, Arg.DST).get(Arg.DST);
      assertArrayEquals(new float[] {59, 64, 139, 153}, dst);
    }
  }

  @Test
  void maxPoolingSendsTheGradientToTheFirstMaximum() {
    MemoryDesc src = Harness.plain(1, 1, 2, 4);
    MemoryDesc dst = Harness.plain(1, 1, 1, 2);
    long[] kernel = {2, 2};
    Window window = Window.of(2, 0);
    try (PrimitiveDesc forward = Pooling.forward(Pooling.Kind.MAX, true, src, dst, kernel, window);
        PrimitiveDesc backward = Pooling.backward(Pooling.Kind.MAX, src, dst, kernel, window);
        Primitive forwardPrimitive = forward.build();
        Primitive backwardPrimitive = backward.build()) {
      float[] values = {1, 5, 4, 4, 3, 2, 4, 0};
      Map<Arg, NativeMemory> up =
          Harness.run(forwardPrimitive, Map.of(Arg.SRC, Harness.stored(values, src)));
      assertArrayEquals(new float[] {5, 4}, Harness.values(up.get(Arg.DST), dst));
      Map<Arg, NativeMemory> given = new EnumMap<>(Arg.class);
      given.put(Arg.WORKSPACE, up.get(Arg.WORKSPACE));
      given.put(Arg.DIFF_DST, Harness.stored(new float[] {10, 20}, dst));
      Map<Arg, NativeMemory> down = Harness.run(backwardPrimitive, given);
      assertArrayEquals(
          new float[] {0, 10, 20, 0, 0, 0, 0, 0}, Harness.values(down.get(Arg.DIFF_SRC), src));
      up.values().forEach(NativeMemory::close);
      down.values().forEach(NativeMemory::close);
    }
  }

  @Test
  void averagePoolingLeavesOutThePadding() {
    MemoryDesc src = Harness.plain(1, 1, 2, 2);
    MemoryDesc dst = Harness.plain(1, 1, 2, 2);
    long[] kernel = {2, 2};
    Window window = Window.of(2, 1);
    try (PrimitiveDesc forward =
            Pooling.forward(Pooling.Kind.AVERAGE_INSIDE, true, src, dst, kernel, window);
        PrimitiveDesc backward =
            Pooling.backward(Pooling.Kind.AVERAGE_INSIDE, src, dst, kernel, window)) {
      float[] values = {1, 2, 3, 4};
      float[] up = Harness.run(forward, Map.of(Arg.SRC, values), Arg.DST).get(Arg.DST);
      assertArrayEquals(values, up);
      float[] down =
          Harness.run(backward, Map.of(Arg.DIFF_DST, up), Arg.DIFF_SRC).get(Arg.DIFF_SRC);
      assertArrayEquals(values, down);
    }
  }

  @Test
  void reluPassesTheGradientWhereItsResultIsPositive() {
    MemoryDesc data = Harness.plain(2, 3);
    try (PrimitiveDesc forward = Relu.forward(data);
        PrimitiveDesc backward = Relu.backward(data)) {
      float[] values = {-1, 0, 2, 3, -0f, 5};
      float[] up = Harness.run(forward, Map.of(Arg.SRC, values), Arg.DST).get(Arg.DST);
      assertArrayEquals(new float[] {0, 0, 2, 3, 0, 5}, up, 0f);
      Map<Arg, float[]> inputs = Map.of(Arg.DST, up, Arg.DIFF_DST, new float[] {1, 2, 3, 4, 5, 6});
      float[] down = Harness.run(backward, inputs, Arg.DIFF_SRC).get(Arg.DIFF_SRC);
      assertArrayEquals(new float[] {0, 0, 3, 4, 0, 6}, down);
    }
  }

  @Test
  void aCallNeedsExactlyItsArguments() {
    MemoryDesc data = Harness.plain(2, 3);
    try (PrimitiveDesc desc = Relu.forward(data);
        Primitive primitive = desc.build()) {
      IllegalArgumentException failure =
          assertThrows(IllegalArgumentException.class, () -> primitive.bind(Map.of(Arg.SRC, 64L)));
      assertTrue(failure.getMessage().contains("DST"), failure.getMessage());
    }
  }
}
