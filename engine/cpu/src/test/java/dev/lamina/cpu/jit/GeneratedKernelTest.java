package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cpu.onednn.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generated code against loops in double precision, on memory with guards behind every operand. */
class GeneratedKernelTest {
  private static final int GUARD_BYTES = 64;
  private static final byte GUARD = 0x5A;

  private final List<NativeMemory> open = new ArrayList<>();

  @BeforeEach
  void needsTheProcessor() {
    assumeTrue(NativeCode.unsupported().isEmpty(), NativeCode.unsupported());
  }

  @AfterEach
  void close() {
    open.forEach(NativeMemory::close);
  }

  static Stream<PooledConvolution> pooled() {
    return Stream.of(
        // LeNet-5: one channel with a border; six channels, filled up and dense
        new PooledConvolution(8, 28, 28, 1, 5, 5, 1, 1, 2, 2, 6, 8, 2, 2, 2, 2),
        new PooledConvolution(8, 14, 14, 8, 5, 5, 1, 1, 0, 0, 16, 16, 2, 2, 2, 2),
        new PooledConvolution(3, 14, 14, 6, 5, 5, 1, 1, 0, 0, 16, 16, 2, 2, 2, 2),
        // overlapping windows, strides, more filters than are compared at once
        new PooledConvolution(3, 17, 13, 3, 3, 3, 2, 2, 1, 1, 21, 24, 3, 3, 2, 2),
        new PooledConvolution(2, 9, 11, 8, 3, 2, 1, 2, 1, 0, 3, 8, 2, 1, 1, 2),
        new PooledConvolution(1, 2, 2, 1, 1, 1, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2),
        // many vectors a filter
        new PooledConvolution(2, 6, 6, 32, 3, 3, 1, 1, 1, 1, 40, 40, 2, 2, 2, 2));
  }

  @ParameterizedTest
  @MethodSource("pooled")
  void gradientsBehindAPooling(PooledConvolution shape) {
    int pitch = shape.filterPitch();
    float[] x = random(shape.images() * shape.imageFloats(), 1);
    float[] values = random(shape.images() * shape.windows() * pitch, 2);
    float[] weights = random(shape.filters() * shape.kernelHeight() * shape.run(), 3);
    byte[] positions = new byte[values.length];
    new Random(4).nextBytes(positions);
    for (int i = 0; i < values.length; i++) {
      positions[i] = (byte) Math.floorMod(positions[i], shape.windowArea());
      if (i % pitch >= shape.filters()) {
        values[i] = 0;
      }
    }
    double[] dx = new double[x.length];
    double[] dw = new double[weights.length];
    double[] db = new double[shape.filters()];
    reference(shape, x, values, positions, weights, dx, dw, db);

    long image = operand(x);
    long value = operand(values);
    long position = operand(positions);
    NativeMemory weightGradient = result(dw.length);
    NativeMemory biasGradient = result(db.length);
    NativeMemory imageGradient = result(dx.length);
    try (GeneratedKernel kernel = GeneratedKernel.pooledWeights(shape)) {
      long scratch = result((int) kernel.scratchBytes() / Float.BYTES).address();
      kernel
          .bind(image, value, position, weightGradient.address(), biasGradient.address(), scratch)
          .run();
    }
    try (GeneratedKernel kernel = GeneratedKernel.pooledData(shape)) {
      long scratch = result((int) kernel.scratchBytes() / Float.BYTES).address();
      kernel.bind(value, position, operand(weights), imageGradient.address(), scratch).run();
    }
    assertClose(dw, weightGradient, "weights");
    assertClose(db, biasGradient, "bias");
    assertClose(dx, imageGradient, "image");
    assertGuards();
  }

  private static void reference(
      PooledConvolution s,
      float[] x,
      float[] values,
      byte[] positions,
      float[] weights,
      double[] dx,
      double[] dw,
      double[] db) {
    for (int window = 0; window < s.images() * s.windows(); window++) {
      int n = window / s.windows();
      int py = window % s.windows() / s.pooledWidth();
      int px = window % s.pooledWidth();
      for (int o = 0; o < s.filters(); o++) {
        float value = values[window * s.filterPitch() + o];
        int k = positions[window * s.filterPitch() + o];
        int oy = py * s.windowStrideHeight() + k / s.windowWidth();
        int ox = px * s.windowStrideWidth() + k % s.windowWidth();
        db[o] += value;
        for (int tap = 0; tap < s.kernelHeight() * s.kernelWidth(); tap++) {
          int y = oy * s.strideHeight() + tap / s.kernelWidth() - s.padHeight();
          int w = ox * s.strideWidth() + tap % s.kernelWidth() - s.padWidth();
          if (y < 0 || w < 0 || y >= s.height() || w >= s.width()) {
            continue;
          }
          for (int c = 0; c < s.pitch(); c++) {
            int pixel = ((n * s.height() + y) * s.width() + w) * s.pitch() + c;
            int weight = (o * s.kernelHeight() * s.kernelWidth() + tap) * s.pitch() + c;
            dw[weight] += (double) value * x[pixel];
            dx[pixel] += (double) value * weights[weight];
          }
        }
      }
    }
  }

  static Stream<DirectConvolution> direct() {
    return Stream.of(
        new DirectConvolution(4, 28, 28, 1, 1, 5, 5, 1, 1, 2, 2, 6, 8, true, true),
        new DirectConvolution(4, 14, 14, 6, 8, 5, 5, 1, 1, 0, 0, 16, 16, true, true),
        new DirectConvolution(3, 14, 14, 6, 6, 5, 5, 1, 1, 0, 0, 16, 16, true, false),
        // three vectors of filters, strides, rows that blocks do not divide
        new DirectConvolution(3, 17, 13, 3, 3, 3, 3, 2, 2, 1, 1, 24, 24, true, false),
        new DirectConvolution(2, 9, 11, 2, 8, 3, 2, 1, 2, 1, 0, 3, 8, false, true),
        new DirectConvolution(2, 9, 11, 1, 1, 3, 5, 2, 2, 1, 2, 8, 8, true, true),
        new DirectConvolution(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 8, true, true));
  }

  @ParameterizedTest
  @MethodSource("direct")
  void forward(DirectConvolution shape) {
    int taps = shape.kernelHeight() * shape.kernelWidth() * shape.channels();
    float[] x = random(shape.images() * shape.height() * shape.width() * shape.pitch(), 1);
    float[] weights = random(shape.filterVectors() * taps * 8, 2);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i / (taps * 8) * 8 + i % 8 < shape.filters() ? weights[i] : 0;
    }
    float[] bias = random(shape.filters(), 3);
    double[] expected = reference(shape, x, weights, bias);
    NativeMemory y = result(expected.length);
    try (GeneratedKernel kernel = GeneratedKernel.forward(shape)) {
      long scratch = result((int) kernel.scratchBytes() / Float.BYTES).address();
      kernel.bind(operand(x), operand(weights), operand(bias), y.address(), scratch).run();
    }
    assertClose(expected, y, "result");
    assertGuards();
  }

  private static double[] reference(DirectConvolution s, float[] x, float[] weights, float[] bias) {
    int taps = s.kernelHeight() * s.kernelWidth() * s.channels();
    double[] result = new double[s.images() * s.outHeight() * s.outWidth() * s.resultPitch()];
    for (int pixel = 0; pixel < result.length / s.resultPitch(); pixel++) {
      int n = pixel / (s.outHeight() * s.outWidth());
      int oy = pixel / s.outWidth() % s.outHeight();
      int ox = pixel % s.outWidth();
      for (int o = 0; o < s.filters(); o++) {
        double sum = s.bias() ? bias[o] : 0;
        for (int tap = 0; tap < taps; tap++) {
          int y = oy * s.strideHeight() + tap / (s.kernelWidth() * s.channels()) - s.padHeight();
          int w = ox * s.strideWidth() + tap / s.channels() % s.kernelWidth() - s.padWidth();
          if (y >= 0 && w >= 0 && y < s.height() && w < s.width()) {
            int at = ((n * s.height() + y) * s.width() + w) * s.pitch() + tap % s.channels();
            sum += (double) x[at] * weights[(o / 8 * taps + tap) * 8 + o % 8];
          }
        }
        result[pixel * s.resultPitch() + o] = s.relu() ? Math.max(sum, 0) : sum;
      }
    }
    return result;
  }

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private long operand(float[] values) {
    NativeMemory memory = guarded((long) values.length * Float.BYTES);
    memory.view(0, (long) values.length * Float.BYTES).asFloatBuffer().put(values);
    return memory.address();
  }

  private long operand(byte[] values) {
    NativeMemory memory = guarded(values.length);
    memory.view(0, values.length).put(values);
    return memory.address();
  }

  /** Memory full of what is not a number. */
  private NativeMemory result(int floats) {
    NativeMemory memory = guarded((long) floats * Float.BYTES);
    FloatBuffer values = memory.view(0, (long) floats * Float.BYTES).asFloatBuffer();
    while (values.hasRemaining()) {
      values.put(Float.NaN);
    }
    return memory;
  }

  private NativeMemory guarded(long bytes) {
    NativeMemory memory = NativeMemory.allocate(bytes + GUARD_BYTES);
    ByteBuffer guard = memory.view(bytes, GUARD_BYTES);
    while (guard.hasRemaining()) {
      guard.put(GUARD);
    }
    open.add(memory);
    return memory;
  }

  private void assertGuards() {
    for (NativeMemory memory : open) {
      ByteBuffer guard = memory.view(memory.bytes() - GUARD_BYTES, GUARD_BYTES);
      while (guard.hasRemaining()) {
        assertEquals(GUARD, guard.get(), "a byte behind an operand was written");
      }
    }
  }

  private static void assertClose(double[] expected, NativeMemory actual, String what) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double value = actual.view((long) i * Float.BYTES, Float.BYTES).getFloat();
      error += (value - expected[i]) * (value - expected[i]);
      norm += expected[i] * expected[i];
    }
    double ratio = error / norm;
    assertTrue(ratio < 1e-11, () -> what + ": normalised squared error " + ratio);
  }
}
