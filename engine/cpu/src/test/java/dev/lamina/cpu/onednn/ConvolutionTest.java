package dev.lamina.cpu.onednn;

import static dev.lamina.cpu.onednn.Harness.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {

  static Stream<NaiveConvolution> shapes() {
    Window uneven =
        new Window(new long[] {2, 1}, new long[] {1, 2}, new long[] {1, 2}, new long[] {0, 3});
    return Stream.of(
        new NaiveConvolution(2, 1, 1, 6, 28, 28, 5, 5, Window.of(1, 2)),
        new NaiveConvolution(3, 1, 6, 16, 14, 14, 5, 5, Window.of(1, 0)),
        new NaiveConvolution(1, 1, 3, 5, 9, 11, 3, 3, Window.of(2, 1)),
        new NaiveConvolution(2, 1, 8, 17, 10, 13, 3, 2, uneven),
        new NaiveConvolution(2, 2, 6, 4, 7, 7, 3, 3, Window.of(1, 1)),
        new NaiveConvolution(1, 8, 8, 8, 6, 6, 3, 3, Window.of(1, 1)),
        new NaiveConvolution(4, 1, 32, 33, 1, 1, 1, 1, Window.of(1, 0)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyImplementationAgreesWithNaiveLoops(NaiveConvolution naive) {
    float[] src = Harness.random(1, naive.srcDims());
    float[] weights = Harness.random(2, naive.weightDims());
    float[] bias = Harness.random(3, naive.outChannels());
    float[] diffDst = Harness.random(4, naive.dstDims());
    MemoryDesc biasDesc = MemoryDesc.of("a", naive.outChannels());
    MemoryDesc anySrc = MemoryDesc.any(naive.srcDims());
    MemoryDesc anyWeights = MemoryDesc.any(naive.weightDims());
    MemoryDesc anyDst = MemoryDesc.any(naive.dstDims());
    Window window = naive.window();

    double[] expected = naive.forward(src, weights, bias, true);
    try (PrimitiveDesc desc =
        Convolution.forward(
            Algorithm.DIRECT, anySrc, anyWeights, biasDesc, anyDst, window, PostOp.RELU)) {
      for (boolean more = true; more; more = desc.advance()) {
        if (!desc.reference()) {
          Map<Arg, float[]> inputs = Map.of(Arg.SRC, src, Arg.WEIGHTS, weights, Arg.BIAS, bias);
          float[] dst = Harness.run(desc, inputs, Arg.DST).get(Arg.DST);
          assertClose(expected, dst, "forward " + desc.implementation());
        }
      }
    }
    expected = naive.backwardData(weights, diffDst);
    try (PrimitiveDesc desc =
        Convolution.backwardData(Algorithm.DIRECT, anySrc, anyWeights, anyDst, window)) {
      for (boolean more = true; more; more = desc.advance()) {
        if (!desc.reference()) {
          Map<Arg, float[]> inputs = Map.of(Arg.WEIGHTS, weights, Arg.DIFF_DST, diffDst);
          float[] diffSrc = Harness.run(desc, inputs, Arg.DIFF_SRC).get(Arg.DIFF_SRC);
          assertClose(expected, diffSrc, "backward data " + desc.implementation());
        }
      }
    }
    expected = naive.backwardWeights(src, diffDst);
    try (PrimitiveDesc desc =
        Convolution.backwardWeights(
            Algorithm.DIRECT, anySrc, anyWeights, biasDesc, anyDst, window)) {
      for (boolean more = true; more; more = desc.advance()) {
        if (!desc.reference()) {
          Map<Arg, float[]> inputs = Map.of(Arg.SRC, src, Arg.DIFF_DST, diffDst);
          Map<Arg, float[]> diff = Harness.run(desc, inputs, Arg.DIFF_WEIGHTS, Arg.DIFF_BIAS);
          String name = "backward weights " + desc.implementation();
          assertClose(expected, diff.get(Arg.DIFF_WEIGHTS), name);
          assertClose(naive.backwardBias(diffDst), diff.get(Arg.DIFF_BIAS), name);
        }
      }
    }
  }

  @Test
  void paddedChannelsStayZeroForwardAndBackward() {
    Window window = Window.of(1, 2);
    MemoryDesc src = MemoryDesc.of("abcd", 2, 1, 12, 12);
    MemoryDesc weights = MemoryDesc.any(6, 1, 5, 5);
    MemoryDesc bias = MemoryDesc.of("a", 6);
    MemoryDesc dst = MemoryDesc.of("aBcd8b", 2, 6, 12, 12);
    assertTrue(dst.padded());
    try (PrimitiveDesc desc =
            Convolution.forward(Algorithm.DIRECT, src, weights, bias, dst, window, PostOp.RELU);
        Primitive primitive = desc.build()) {
      Map<Arg, NativeMemory> memory =
          Harness.run(
              primitive,
              Map.of(
                  Arg.SRC, Harness.stored(Harness.random(1, src.dims()), src),
                  Arg.WEIGHTS,
                      Harness.stored(
                          Harness.random(2, 6, 1, 5, 5), primitive.descs().get(Arg.WEIGHTS)),
                  Arg.BIAS, Harness.stored(new float[] {1, 2, 3, 4, 5, 6}, bias)));
      FloatBuffer stored = Harness.floats(memory.get(Arg.DST));
      for (int pixel = 0; pixel < stored.limit(); pixel += 8) {
        assertEquals(0f, stored.get(pixel + 6), "lane 6 of pixel " + pixel / 8);
        assertEquals(0f, stored.get(pixel + 7), "lane 7 of pixel " + pixel / 8);
      }
      memory.values().forEach(NativeMemory::close);
    }
    MemoryDesc blocked = MemoryDesc.of("aBcd8b", 2, 5, 12, 12);
    MemoryDesc any = MemoryDesc.any(6, 5, 5, 5);
    try (PrimitiveDesc desc =
            Convolution.backwardWeights(Algorithm.DIRECT, blocked, any, bias, dst, window);
        Primitive primitive = desc.build()) {
      MemoryDesc gradient = primitive.descs().get(Arg.DIFF_WEIGHTS);
      assertTrue(gradient.padded(), "expected a blocked gradient, got " + gradient);
      Map<Arg, NativeMemory> memory =
          Harness.run(
              primitive,
              Map.of(
                  Arg.SRC, Harness.stored(Harness.random(1, blocked.dims()), blocked),
                  Arg.DIFF_DST, Harness.stored(Harness.random(3, dst.dims()), dst)));
      FloatBuffer stored = Harness.floats(memory.get(Arg.DIFF_WEIGHTS));
      double storedSum = 0;
      for (int i = 0; i < stored.limit(); i++) {
        storedSum += Math.abs(stored.get(i));
      }
      double logicalSum = 0;
      for (float value : Harness.values(memory.get(Arg.DIFF_WEIGHTS), gradient)) {
        logicalSum += Math.abs(value);
      }
      assertEquals(logicalSum, storedSum, 1e-6 * logicalSum, "padding of " + gradient);
      memory.values().forEach(NativeMemory::close);
    }
  }

  @Test
  void refusesTheReferenceLoop() {
    // Batch innermost on one side only: no kernel takes it.
    MemoryDesc src = MemoryDesc.of("bcda", 4, 8, 9, 9);
    MemoryDesc dst = MemoryDesc.of("abcd", 4, 8, 9, 9);
    try (PrimitiveDesc desc =
        Convolution.forward(
            Algorithm.DIRECT,
            src,
            MemoryDesc.any(8, 8, 3, 3),
            null,
            dst,
            Window.of(1, 1),
            PostOp.NONE)) {
      assertTrue(desc.reference(), desc.implementation());
      OneDnnException refusal = assertThrows(OneDnnException.class, desc::build);
      assertTrue(refusal.unimplemented());
      assertTrue(refusal.getMessage().contains("f32[4, 8, 9, 9]:bcda"), refusal.getMessage());
    }
  }

  @Test
  void namesCallAndArgumentsOfAFailure() {
    OneDnnException failure =
        assertThrows(
            OneDnnException.class,
            () ->
                Convolution.backwardData(
                    Algorithm.DIRECT,
                    MemoryDesc.any(1, 3, 8, 8),
                    MemoryDesc.any(4, 2, 3, 3),
                    MemoryDesc.any(1, 4, 8, 8),
                    Window.of(1, 1)));
    String message = failure.getMessage();
    assertTrue(
        message.startsWith("dnnl_convolution_backward_data_primitive_desc_create("), message);
    assertTrue(message.contains("f32[4, 2, 3, 3]:any"), message);
    assertTrue(message.contains("status 2"), message);
  }
}
