package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        new DirectConvolution(4, 28, 28, 1, 1, 5, 5, 1, 1, 2, 2, 6, 8, true, true, 0, 0),
        new DirectConvolution(4, 14, 14, 6, 8, 5, 5, 1, 1, 0, 0, 16, 16, true, true, 0, 0),
        new DirectConvolution(3, 14, 14, 6, 6, 5, 5, 1, 1, 0, 0, 16, 16, true, false, 0, 0),
        // three vectors of filters, strides, rows that blocks do not divide
        new DirectConvolution(3, 17, 13, 3, 3, 3, 3, 2, 2, 1, 1, 24, 24, true, false, 0, 0),
        new DirectConvolution(2, 9, 11, 2, 8, 3, 2, 1, 2, 1, 0, 3, 8, false, true, 0, 0),
        new DirectConvolution(2, 9, 11, 1, 1, 3, 5, 2, 2, 1, 2, 8, 8, true, true, 0, 0),
        new DirectConvolution(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 8, true, true, 0, 0),
        // pooled: LeNet-5; rows and columns left over; ties of zeros
        new DirectConvolution(4, 28, 28, 1, 1, 5, 5, 1, 1, 2, 2, 6, 8, true, true, 2, 2),
        new DirectConvolution(4, 14, 14, 6, 8, 5, 5, 1, 1, 0, 0, 16, 16, true, true, 2, 2),
        new DirectConvolution(2, 9, 12, 3, 3, 3, 3, 1, 1, 1, 1, 24, 24, true, false, 3, 3),
        new DirectConvolution(2, 9, 12, 2, 2, 2, 2, 1, 1, 0, 0, 5, 8, false, true, 3, 2));
  }

  @ParameterizedTest
  @MethodSource("direct")
  void forwardOfFewChannels(DirectConvolution shape) {
    int taps = shape.kernelHeight() * shape.kernelWidth() * shape.channels();
    float[] x = random(shape.images() * shape.height() * shape.width() * shape.pitch(), 1);
    float[] weights = random(shape.filterVectors() * taps * 8, 2);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i / (taps * 8) * 8 + i % 8 < shape.filters() ? weights[i] : 0;
    }
    float[] bias = random(shape.filters(), 3);
    double[] expected = reference(shape, x, weights, bias);
    Pooled pooled = shape.pooled() ? pool(shape, expected) : new Pooled(expected, new byte[0]);
    NativeMemory y = result(pooled.values().length);
    NativeMemory positions = guarded(pooled.positions().length);
    try (GeneratedKernel kernel = GeneratedKernel.forward(shape)) {
      long scratch = result((int) kernel.scratchBytes() / Float.BYTES).address();
      long image = operand(x);
      long weight = operand(weights);
      kernel.bind(image, weight, operand(bias), y.address(), scratch, positions.address()).run();
    }
    assertClose(pooled.values(), y, "result");
    byte[] found = new byte[pooled.positions().length];
    positions.view(0, found.length).get(found);
    assertArrayEquals(pooled.positions(), found);
    assertGuards();
  }

  /** Winners and their positions. */
  private record Pooled(double[] values, byte[] positions) {}

  private static Pooled pool(DirectConvolution s, double[] y) {
    int height = s.outHeight() / s.windowHeight();
    int width = s.outWidth() / s.windowWidth();
    double[] values = new double[s.images() * height * width * s.resultPitch()];
    byte[] positions = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      int o = i % s.resultPitch();
      int window = i / s.resultPitch();
      int n = window / (height * width);
      int top = window / width % height * s.windowHeight();
      int left = window % width * s.windowWidth();
      values[i] = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < s.windowHeight() * s.windowWidth(); k++) {
        int row = n * s.outHeight() + top + k / s.windowWidth();
        int pixel = row * s.outWidth() + left + k % s.windowWidth();
        double value = y[pixel * s.resultPitch() + o];
        if (value > values[i]) {
          values[i] = value;
          positions[i] = (byte) k;
        }
      }
    }
    return new Pooled(values, positions);
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

  @Test
  void gatherNormalisesTheRowsAskedFor() {
    int plane = 43;
    byte[] samples = new byte[7 * 2 * plane];
    new Random(1).nextBytes(samples);
    int[] rows = {6, 0, 3, 3};
    float[] factor = {0.5f, -2};
    float[] shift = {3, 0.25f};
    NativeMemory indices = guarded((long) rows.length * Integer.BYTES);
    indices.view(0, (long) rows.length * Integer.BYTES).asIntBuffer().put(rows);
    double[] expected = new double[rows.length * 2 * plane];
    for (int i = 0; i < expected.length; i++) {
      int channel = i / plane % 2;
      int pixel = samples[rows[i / (2 * plane)] * 2 * plane + i % (2 * plane)] & 0xff;
      expected[i] = pixel * factor[channel] + shift[channel];
    }
    NativeMemory result = result(expected.length);
    try (GeneratedKernel kernel = GeneratedKernel.gather(rows.length, plane, factor, shift)) {
      kernel.bind(operand(samples), indices.address(), result.address()).run();
    }
    assertClose(expected, result, "samples");
    assertGuards();
  }

  @ParameterizedTest
  @CsvSource({"1000, 1, false, 0", "1003, 2, false, 0.125", "13, 3, true, 0.25", "5, 1, true, 0"})
  void descentWithMomentum(int length, int gradients, boolean nesterov, float decay) {
    float rate = 0.5f;
    float scale = 0.25f;
    float momentum = 0.875f;
    float[] p = random(length, 1);
    float[] v = random(length, 2);
    double[] sum = new double[length];
    long[] addresses = new long[3 + gradients];
    for (int g = 0; g < gradients; g++) {
      float[] gradient = random(length, 3 + g);
      addresses[3 + g] = operand(gradient);
      for (int i = 0; i < length; i++) {
        sum[i] += gradient[i];
      }
    }
    double[] newP = new double[length];
    double[] newV = new double[length];
    for (int i = 0; i < length; i++) {
      double g = sum[i] * scale + decay * p[i];
      newV[i] = momentum * v[i] + g;
      newP[i] = p[i] - rate * (nesterov ? g + momentum * newV[i] : newV[i]);
    }
    NativeMemory parameters = guarded((long) length * Float.BYTES);
    parameters.view(0, (long) length * Float.BYTES).asFloatBuffer().put(p);
    NativeMemory velocities = guarded((long) length * Float.BYTES);
    velocities.view(0, (long) length * Float.BYTES).asFloatBuffer().put(v);
    addresses[0] = parameters.address();
    addresses[1] = velocities.address();
    try (GeneratedKernel kernel =
        GeneratedKernel.momentumDescent(length, gradients, momentum, nesterov, decay)) {
      GeneratedKernel.Scalars scalars = kernel.scalars(2);
      scalars.set(0, rate);
      scalars.set(1, scale);
      addresses[2] = scalars.address();
      kernel.bind(addresses).run();
    }
    assertClose(newP, parameters, "parameters");
    assertClose(newV, velocities, "velocities");
    assertGuards();
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
