package dev.lamina.cpu.jit;

/**
 * Writes stochastic gradient descent with momentum: {@code g = scale * (sum of gradients) + decay *
 * p; v = momentum * v + g; p -= rate * v}, with Nesterov {@code p -= rate * (g + momentum * v)}.
 *
 * <p>Constants: momentum, decay. Scalars: rate, scale.
 */
final class MomentumDescent extends FlatUpdate {
  private static final int P = 0;
  private static final int V = 1;
  private static final int G = 2;
  private static final int NEW_V = 3;
  private static final int MOMENTUM = 14;
  private static final int DECAY = 13;
  private static final int RATE = 12;
  private static final int SCALE = 11;

  private final boolean decays;
  private final boolean nesterov;

  MomentumDescent(int length, int gradients, boolean decays, boolean nesterov, long constants) {
    super(length, 1, gradients, constants);
    this.decays = decays;
    this.nesterov = nesterov;
  }

  @Override
  void writeStart() {
    constant(MOMENTUM, 0);
    constant(DECAY, 1);
    scalar(RATE, 0);
    scalar(SCALE, 1);
  }

  @Override
  void writeVector(boolean partial) {
    Assembler asm = asm();
    gradient(G, NEW_V, partial);
    load(P, 0, partial);
    load(V, 1, partial);
    asm.multiply(G, G, SCALE);
    if (decays) {
      asm.multiplyAdd(G, P, DECAY);
    }
    asm.copy(NEW_V, G);
    asm.multiplyAdd(NEW_V, V, MOMENTUM);
    store(1, NEW_V, partial);
    if (nesterov) {
      asm.multiplyAdd(G, NEW_V, MOMENTUM);
      asm.multiplySubtract(P, G, RATE);
    } else {
      asm.multiplySubtract(P, NEW_V, RATE);
    }
    store(0, P, partial);
  }
}
