package dev.lamina.cpu.jit;

/**
 * Writes Adam: {@code g = scale * (sum of gradients) + decay * p; p *= shrink; m = beta1 * m + (1 -
 * beta1) * g; v = beta2 * v + (1 - beta2) * g * g; p -= step * m / (sqrt(v) * correction +
 * epsilon)}.
 *
 * <p>Constants: beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay. Scalars: step, scale,
 * correction, shrink.
 */
final class AdaptiveDescent extends FlatUpdate {
  private static final int P = 0;
  private static final int M = 1;
  private static final int V = 2;
  private static final int G = 3;
  private static final int ROOT = 4;
  private static final int BETA_1 = 14;
  private static final int REST_1 = 13;
  private static final int BETA_2 = 12;
  private static final int REST_2 = 11;
  private static final int EPSILON = 10;
  private static final int DECAY = 9;
  private static final int STEP = 8;
  private static final int SCALE = 7;
  private static final int CORRECTION = 6;
  private static final int SHRINK = 5;

  AdaptiveDescent(int length, int gradients, long constants) {
    super(length, 2, gradients, constants);
  }

  @Override
  void writeStart() {
    constant(BETA_1, 0);
    constant(REST_1, 1);
    constant(BETA_2, 2);
    constant(REST_2, 3);
    constant(EPSILON, 4);
    constant(DECAY, 5);
    scalar(STEP, 0);
    scalar(SCALE, 1);
    scalar(CORRECTION, 2);
    scalar(SHRINK, 3);
  }

  @Override
  void writeVector(boolean partial) {
    Assembler asm = asm();
    gradient(G, ROOT, partial);
    load(P, 0, partial);
    load(M, 1, partial);
    load(V, 2, partial);
    asm.multiply(G, G, SCALE);
    asm.multiplyAdd(G, P, DECAY);
    asm.multiply(P, P, SHRINK);
    asm.multiply(M, M, BETA_1);
    asm.multiplyAdd(M, G, REST_1);
    asm.multiply(G, G, G);
    asm.multiply(V, V, BETA_2);
    asm.multiplyAdd(V, G, REST_2);
    store(1, M, partial);
    store(2, V, partial);
    asm.squareRoot(ROOT, V);
    asm.multiply(ROOT, ROOT, CORRECTION);
    asm.add(ROOT, ROOT, EPSILON);
    asm.multiply(M, M, STEP);
    asm.divide(M, M, ROOT);
    asm.subtract(P, P, M);
    store(0, P, partial);
  }
}
