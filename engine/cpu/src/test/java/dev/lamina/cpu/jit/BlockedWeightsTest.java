package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cpu.onednn.NativeMemory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient of blocked weights against loops in double precision, by one thread and several. */
class BlockedWeightsTest {
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

  @ParameterizedTest
  @MethodSource("blocked")
  void gradientsOfBlockedWeights(BlockedConvolution s) {
    float[] x = Operands.random(s.images() * s.channels() * s.height() * s.width(), 1);
    float[] dy = Operands.random(s.images() * s.filters() * s.outHeight() * s.outWidth(), 2);
    double[] dw = new double[s.filters() * s.channels() * s.kernelHeight() * s.kernelWidth()];
    double[] db = new double[s.bias() ? s.filters() : 0];
    for (int n = 0; n < s.images(); n++) {
      for (int k = 0; k < s.filters(); k++) {
        for (int oy = 0; oy < s.outHeight(); oy++) {
          for (int ox = 0; ox < s.outWidth(); ox++) {
            float g = dy[block(n, k, oy, ox, s.filters(), s.outHeight(), s.outWidth())];
            if (s.bias()) {
              db[k] += g;
            }
            for (int c = 0; c < s.channels(); c++) {
              for (int ky = 0; ky < s.kernelHeight(); ky++) {
                for (int kx = 0; kx < s.kernelWidth(); kx++) {
                  int y = oy * s.strideHeight() + ky - s.padHeight();
                  int z = ox * s.strideWidth() + kx - s.padWidth();
                  if (y >= 0 && y < s.height() && z >= 0 && z < s.width()) {
                    int tile = k / 8 * (s.channels() / 8) + c / 8;
                    int tap = (tile * s.kernelHeight() + ky) * s.kernelWidth() + kx;
                    dw[(tap * 8 + c % 8) * 8 + k % 8] +=
                        g * x[block(n, c, y, z, s.channels(), s.height(), s.width())];
                  }
                }
              }
            }
          }
        }
      }
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

  /** Where an element lies in blocks of eight channels. */
  private static int block(int n, int c, int y, int x, int channels, int height, int width) {
    return (((n * (channels / 8) + c / 8) * height + y) * width + x) * 8 + c % 8;
  }
}
