package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cpu.onednn.NativeMemory;
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
  private final Operands operands = new Operands();

  @BeforeEach
  void needsTheProcessor() {
    assumeTrue(NativeCode.unsupported().isEmpty(), NativeCode.unsupported());
  }

  @AfterEach
  void close() {
    operands.close();
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
    float[] x = Operands.random(shape.images() * shape.imageFloats(), 1);
    float[] values = Operands.random(shape.images() * shape.windows() * pitch, 2);
    float[] weights = Operands.random(shape.filters() * shape.kernelHeight() * shape.run(), 3);
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

    long image = operands.operand(x);
    long value = operands.operand(values);
    long position = operands.operand(positions);
    NativeMemory weightGradient = operands.result(dw.length);
    NativeMemory biasGradient = operands.result(db.length);
    NativeMemory imageGradient = operands.result(dx.length);
    try (GeneratedKernel kernel = GeneratedKernel.pooledWeights(shape)) {
      long scratch = operands.result((int) kernel.scratchBytes() / Float.BYTES).address();
      kernel
          .bind(image, value, position, weightGradient.address(), biasGradient.address(), scratch)
          .run();
    }
    try (GeneratedKernel kernel = GeneratedKernel.pooledData(shape)) {
      long scratch = operands.result((int) kernel.scratchBytes() / Float.BYTES).address();
      kernel
          .bind(value, position, operands.operand(weights), imageGradient.address(), scratch)
          .run();
    }
    Operands.assertClose(dw, weightGradient, "weights");
    Operands.assertClose(db, biasGradient, "bias");
    Operands.assertClose(dx, imageGradient, "image");
    operands.assertGuards();
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
    float[] x = Operands.random(shape.images() * shape.height() * shape.width() * shape.pitch(), 1);
    float[] weights = Operands.random(shape.filterVectors() * taps * 8, 2);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i / (taps * 8) * 8 + i % 8 < shape.filters() ? weights[i] : 0;
    }
    float[] bias = Operands.random(shape.filters(), 3);
    double[] expected = reference(shape, x, weights, bias);
    Pooled pooled = shape.pooled() ? pool(shape, expected) : new Pooled(expected, new byte[0]);
    NativeMemory y = operands.result(pooled.values().length);
    NativeMemory positions = operands.guarded(pooled.positions().length);
    try (GeneratedKernel kernel = GeneratedKernel.forward(shape)) {
      long scratch = operands.result((int) kernel.scratchBytes() / Float.BYTES).address();
      long image = operands.operand(x);
      long weight = operands.operand(weights);
      kernel
          .bind(image, weight, operands.operand(bias), y.address(), scratch, positions.address())
          .run();
    }
    Operands.assertClose(pooled.values(), y, "result");
    byte[] found = new byte[pooled.positions().length];
    positions.view(0, found.length).get(found);
    assertArrayEquals(pooled.positions(), found);
    operands.assertGuards();
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
    NativeMemory indices = operands.guarded((long) rows.length * Integer.BYTES);
    indices.view(0, (long) rows.length * Integer.BYTES).asIntBuffer().put(rows);
    double[] expected = new double[rows.length * 2 * plane];
    for (int i = 0; i < expected.length; i++) {
      int channel = i / plane % 2;
      int pixel = samples[rows[i / (2 * plane)] * 2 * plane + i % (2 * plane)] & 0xff;
      expected[i] = pixel * factor[channel] + shift[channel];
    }
    NativeMemory result = operands.result(expected.length);
    try (GeneratedKernel kernel = GeneratedKernel.gather(rows.length, plane, factor, shift)) {
      kernel.bind(operands.operand(samples), indices.address(), result.address()).run();
    }
    Operands.assertClose(expected, result, "samples");
    operands.assertGuards();
  }

  @ParameterizedTest
  @CsvSource({"1000, 1, false, 0", "1003, 2, false, 0.125", "13, 3, true, 0.25", "5, 1, true, 0"})
  void descentWithMomentum(int length, int gradients, boolean nesterov, float decay) {
    float rate = 0.5f;
    float scale = 0.25f;
    float momentum = 0.875f;
    float[] p = Operands.random(length, 1);
    float[] v = Operands.random(length, 2);
    double[] sum = new double[length];
    long[] addresses = new long[3 + gradients];
    for (int g = 0; g < gradients; g++) {
      float[] gradient = Operands.random(length, 3 + g);
      addresses[3 + g] = operands.operand(gradient);
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
    NativeMemory parameters = operands.guarded((long) length * Float.BYTES);
    parameters.view(0, (long) length * Float.BYTES).asFloatBuffer().put(p);
    NativeMemory velocities = operands.guarded((long) length * Float.BYTES);
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
    Operands.assertClose(newP, parameters, "parameters");
    Operands.assertClose(newV, velocities, "velocities");
    operands.assertGuards();
  }
}
