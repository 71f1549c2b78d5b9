package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cpu.onednn.NativeMemory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocked convolutions against loops in double precision, by one thread and several. */
class BlockedConvolutionTest {
  private final Operands operands = new Operands();

  @BeforeEach
  void needsTheProcessor() {
    assumeTrue(NativeCode.unsupported().isEmpty(), NativeCode.unsupported());
  }

  @AfterEach
  void close() {
    operands.close();
  }

  static Stream<BlockedConvolution> blocked() {
    return Stream.of(
        // rows in bands, borders on all sides, a loop with a remainder
        new BlockedConvolution(2, 8, 32, 32, 3, 3, 1, 1, 1, 1, 16, 32, 32, false),
        new BlockedConvolution(2, 16, 30, 43, 3, 3, 1, 1, 1, 1, 32, 30, 43, true),
        // several small images at once, a number that does not divide
        new BlockedConvolution(14, 16, 4, 4, 3, 3, 1, 1, 1, 1, 32, 4, 4, true),
        new BlockedConvolution(7, 8, 2, 3, 3, 3, 1, 1, 1, 1, 16, 2, 3, true),
        // strides, wide kernels, more padding than image
        new BlockedConvolution(3, 16, 15, 17, 3, 3, 2, 2, 1, 1, 16, 8, 9, false),
        new BlockedConvolution(2, 8, 16, 16, 1, 1, 2, 2, 0, 0, 48, 8, 8, true),
        new BlockedConvolution(2, 8, 9, 12, 5, 5, 1, 1, 2, 2, 16, 9, 12, true),
        new BlockedConvolution(1, 8, 5, 20, 2, 6, 2, 3, 0, 4, 16, 2, 8, false),
        new BlockedConvolution(1, 8, 1, 1, 3, 4, 1, 1, 2, 3, 16, 3, 4, true),
        new BlockedConvolution(2, 8, 11, 13, 4, 2, 3, 1, 1, 0, 16, 4, 12, true));
  }

  /** Visits every product of a pixel and a weight: places of image, weight and result. */
  private interface Product {
    void of(int x, int weight, int y);
  }

  private static void products(BlockedConvolution s, boolean channelsFirst, Product product) {
    for (int n = 0; n < s.images(); n++) {
      for (int k = 0; k < s.filters(); k++) {
        for (int c = 0; c < s.channels(); c++) {
          for (int oy = 0; oy < s.outHeight(); oy++) {
            for (int ox = 0; ox < s.outWidth(); ox++) {
              int result = block(n, k, oy, ox, s.filters(), s.outHeight(), s.outWidth());
              for (int ky = 0; ky < s.kernelHeight(); ky++) {
                for (int kx = 0; kx < s.kernelWidth(); kx++) {
                  int y = oy * s.strideHeight() + ky - s.padHeight();
                  int x = ox * s.strideWidth() + kx - s.padWidth();
                  if (y >= 0 && y < s.height() && x >= 0 && x < s.width()) {
                    int tile = k / 8 * (s.channels() / 8) + c / 8;
                    int tap = (tile * s.kernelHeight() + ky) * s.kernelWidth() + kx;
                    int inner = channelsFirst ? c % 8 * 8 + k % 8 : k % 8 * 8 + c % 8;
                    product.of(
                        block(n, c, y, x, s.channels(), s.height(), s.width()),
                        tap * 64 + inner,
                        result);
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /** Where an element lies in blocks of eight channels. */
  private static int block(int n, int c, int y, int x, int channels, int height, int width) {
    return (((n * (channels / 8) + c / 8) * height + y) * width + x) * 8 + c % 8;
  }

  private static int imageSize(BlockedConvolution s) {
    return s.images() * s.channels() * s.height() * s.width();
  }

  private static int weightSize(BlockedConvolution s) {
    return s.filters() * s.channels() * s.kernelHeight() * s.kernelWidth();
  }

  private static int resultSize(BlockedConvolution s) {
    return s.images() * s.filters() * s.outHeight() * s.outWidth();
  }

  @ParameterizedTest
  @MethodSource("blocked")
  void results(BlockedConvolution s) {
    float[] x = Operands.random(imageSize(s), 1);
    float[] w = Operands.random(weightSize(s), 2);
    float[] b = Operands.random(s.filters(), 3);
    for (boolean relu : new boolean[] {false, true}) {
      double[] y = new double[resultSize(s)];
      for (int i = 0; s.bias() && i < y.length; i++) {
        int plane = s.outHeight() * s.outWidth() * 8;
        y[i] = b[i / plane % (s.filters() / 8) * 8 + i % 8];
      }
      products(s, true, (image, weight, result) -> y[result] += x[image] * w[weight]);
      rectify(relu, y);
      try (GeneratedKernel kernel = GeneratedKernel.blockedForward(s, false, relu)) {
        check(kernel, s, y, operands.operand(x), operands.operand(w), operands.operand(b), 0);
      }
    }
  }

  private static void rectify(boolean relu, double[] y) {
    for (int i = 0; relu && i < y.length; i++) {
      y[i] = Math.max(0, y[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("blocked")
  void resultsAddedToATensor(BlockedConvolution s) {
    float[] x = Operands.random(imageSize(s), 1);
    float[] w = Operands.random(weightSize(s), 2);
    float[] b = Operands.random(s.filters(), 3);
    float[] z = Operands.random(resultSize(s), 4);
    for (boolean relu : new boolean[] {false, true}) {
      double[] y = new double[z.length];
      for (int i = 0; i < y.length; i++) {
        int plane = s.outHeight() * s.outWidth() * 8;
        y[i] = z[i] + (s.bias() ? b[i / plane % (s.filters() / 8) * 8 + i % 8] : 0);
      }
      products(s, true, (image, weight, result) -> y[result] += x[image] * w[weight]);
      rectify(relu, y);
      try (GeneratedKernel kernel = GeneratedKernel.blockedForward(s, true, relu)) {
        long bias = operands.operand(b);
        check(kernel, s, y, operands.operand(x), operands.operand(w), bias, operands.operand(z));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("blocked")
  void gradientsOfImages(BlockedConvolution s) {
    assumeTrue(s.strideHeight() == 1 && s.strideWidth() == 1, "has strides");
    assumeTrue(s.channels() % 16 == 0, "has half a pair of blocks");
    float[] dy = Operands.random(resultSize(s), 1);
    float[] w = Operands.random(weightSize(s), 2);
    double[] dx = new double[imageSize(s)];
    products(s, false, (image, weight, result) -> dx[image] += dy[result] * w[weight]);
    try (GeneratedKernel kernel = GeneratedKernel.blockedData(s)) {
      check(kernel, s, dx, operands.operand(dy), operands.operand(w), 0, 0);
    }
  }

  private void check(
      GeneratedKernel kernel, BlockedConvolution s, double[] expected, long... inputs) {
    for (int threads = 1; threads <= 3; threads++) {
      NativeMemory result = operands.result(expected.length);
      var arguments =
          kernel.arguments(inputs[0], inputs[1], inputs[2], result.address(), inputs[3], 0);
      for (int run = 0; run < 2; run++) {
        arguments.share(threads);
        Operands.assertClose(expected, result, s.toString());
      }
    }
    operands.assertGuards();
  }

  @ParameterizedTest
  @MethodSource("blocked")
  void gradientsOfWeights(BlockedConvolution s) {
    float[] x = Operands.random(imageSize(s), 1);
    float[] dy = Operands.random(resultSize(s), 2);
    double[] dw = new double[weightSize(s)];
    double[] db = new double[s.filters()];
    products(s, true, (image, weight, result) -> dw[weight] += x[image] * dy[result]);
    for (int i = 0; i < dy.length; i++) {
      int plane = s.outHeight() * s.outWidth() * 8;
      db[i / plane % (s.filters() / 8) * 8 + i % 8] += dy[i];
    }
    long image = operands.operand(x);
    long gradient = operands.operand(dy);
    try (GeneratedKernel kernel = GeneratedKernel.blockedWeights(s)) {
      for (int threads = 1; threads <= 3; threads++) {
        NativeMemory weights = operands.result(dw.length);
        NativeMemory bias = operands.result(db.length);
        var arguments = kernel.arguments(image, gradient, weights.address(), bias.address(), 0);
        for (int run = 0; run < 2; run++) {
          arguments.share(threads);
          Operands.assertClose(dw, weights, s + " weights");
          if (s.bias()) {
            Operands.assertClose(db, bias, s + " bias");
          }
        }
      }
    }
    operands.assertGuards();
  }
}
