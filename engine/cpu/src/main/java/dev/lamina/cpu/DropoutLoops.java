package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.StepTable;
import dev.lamina.random.Philox;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Dropout, in Java. */
final class DropoutLoops {
  /** A multiple of what the generator gives at once. */
  private static final int TILE = 2048;

  private DropoutLoops() {}

  static CpuWay forward(Dropout op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    int length = Math.toIntExact(x.elements());
    long first = op.firstRow() * (x.elements() / x.dim(0));
    long words = call.inputs().get(1).dim(1);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              StepCell cell = StepCell.of(inputs, 1, words);
              FloatBuffer out = outputs.get(0).floats();
              ByteBuffer kept = outputs.get(1).view();
              float[] values = new float[TILE];
              byte[] mask = new byte[TILE];
              int[] bits = new int[TILE + 2 * Philox.BLOCK];
              int[] four = new int[Philox.BLOCK];
              return () -> {
                Philox random = Philox.ofKey(cell.wide(StepTable.RANDOM_KEY));
                long counter =
                    (long) op.stream() << Integer.SIZE | cell.word(StepTable.STEP) & 0xFFFFFFFFL;
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  int skipped = draw(random, counter, first + from, n, four, bits);
                  in.get(from, values, 0, n);
                  choose(bits, skipped, n, op.threshold(), mask);
                  scale(values, mask, n, op.scale());
                  out.put(from, values, 0, n);
                  kept.put(from, mask, 0, n);
                }
              };
            });
  }

  /** Puts the bits of the blocks that n elements touch, and returns where the first one's are. */
  private static int draw(Philox random, long step, long first, int n, int[] four, int[] bits) {
    long block = first / Philox.BLOCK;
    int skipped = (int) (first % Philox.BLOCK);
    for (int at = 0; at < skipped + n; at += Philox.BLOCK) {
      random.block(step, block++, four);
      System.arraycopy(four, 0, bits, at, Philox.BLOCK);
    }
    return skipped;
  }

  private static void choose(int[] bits, int skipped, int n, int threshold, byte[] mask) {
    for (int i = 0; i < n; i++) {
      mask[i] = (byte) (bits[skipped + i] >>> 8 >= threshold ? 1 : 0);
    }
  }

  static CpuWay backward(DropoutBackward op, OpCall call) {
    int length = Math.toIntExact(call.inputs().get(0).elements());
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              ByteBuffer kept = inputs.get(1).view();
              FloatBuffer out = outputs.get(0).floats();
              float[] values = new float[TILE];
              byte[] mask = new byte[TILE];
              return () -> {
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  in.get(from, values, 0, n);
                  kept.get(from, mask, 0, n);
                  scale(values, mask, n, op.scale());
                  out.put(from, values, 0, n);
                }
              };
            });
  }

  private static void scale(float[] values, byte[] mask, int n, float scale) {
    for (int i = 0; i < n; i++) {
      values[i] = mask[i] == 0 ? 0 : values[i] * scale;
    }
  }
}
