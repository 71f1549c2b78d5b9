package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import java.nio.FloatBuffer;

/** The optimizers' updates in Java, tile by tile like {@link UpdateLoops}. */
final class OptimizerLoops {
  private static final int TILE = UpdateLoops.TILE;

  private OptimizerLoops() {}

  /** What an optimizer does with a tile. */
  private interface Rule {
    /**
     * Changes the tile in place.
     *
     * @param p parameters
     * @param g gradients, scaled and with weight decay
     * @param states the optimizer's states
     * @param n values of the tile
     */
    void update(float[] p, float[] g, float[][] states, int n, UpdateScalars scalars);
  }

  static CpuWay sgd(SgdUpdate op, OpCall call) {
    return way(
        op,
        call,
        op.weightDecay(),
        (p, g, states, n, scalars) -> {
          if (states.length == 1) {
            momentum(g, states[0], n, op.momentum(), op.nesterov());
          }
          descend(p, g, n, scalars.rate());
        });
  }

  static CpuWay adam(AdamUpdate op, OpCall call) {
    return way(
        op,
        call,
        op.decoupled() ? 0 : op.weightDecay(),
        (p, g, states, n, scalars) -> {
          float rate = scalars.rate();
          if (op.decoupled()) {
            scale(p, n, 1 - rate * op.weightDecay());
          }
          moments(states[0], states[1], g, n, op.beta1(), op.beta2());
          float step = rate / scalars.biasCorrection1();
          float correction = (float) (1 / Math.sqrt(scalars.biasCorrection2()));
          adaptiveDescend(p, states[0], states[1], n, step, correction, op.epsilon());
        });
  }

  static CpuWay rmsProp(RmsPropUpdate op, OpCall call) {
    return way(
        op,
        call,
        op.weightDecay(),
        (p, g, states, n, scalars) -> {
          average(states[0], g, n, op.alpha());
          if (op.centered()) {
            centredNormalize(g, states[0], states[1], n, op.alpha(), op.epsilon());
          } else {
            normalize(g, states[0], n, op.epsilon());
          }
          if (op.momentum() != 0) {
            momentum(g, states[op.states() - 1], n, op.momentum(), false);
          }
          descend(p, g, n, scalars.rate());
        });
  }

  static CpuWay adagrad(AdagradUpdate op, OpCall call) {
    return way(
        op,
        call,
        op.weightDecay(),
        (p, g, states, n, scalars) -> {
          addSquares(states[0], g, n);
          normalize(g, states[0], n, op.epsilon());
          descend(p, g, n, scalars.rate());
        });
  }

  /** Sums gradients, adds the decay of parameters, and lets the rule do the rest. */
  private static CpuWay way(OptimizerOp op, OpCall call, float decay, Rule rule) {
    int length = UpdateLoops.length(call, 0);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              // parameters, then states
              FloatBuffer[] updated = UpdateLoops.floats(inputs.subList(0, 1 + op.states()), 0);
              FloatBuffer[] gradients = UpdateLoops.floats(inputs, op.firstGradient());
              UpdateScalars scalars = new UpdateScalars(op, call, inputs);
              float[] g = new float[TILE];
              float[] part = new float[TILE];
              float[] p = new float[TILE];
              float[][] states = new float[op.states()][TILE];
              return () -> {
                float scale = scalars.scale();
                for (int from = 0; from < length; from += TILE) {
                  int n = Math.min(TILE, length - from);
                  UpdateLoops.read(gradients, from, n, g, part);
                  updated[0].get(from, p, 0, n);
                  for (int s = 0; s < states.length; s++) {
                    updated[1 + s].get(from, states[s], 0, n);
                  }
                  decay(g, p, n, scale, decay);
                  rule.update(p, g, states, n, scalars);
                  updated[0].put(from, p, 0, n);
                  for (int s = 0; s < states.length; s++) {
                    updated[1 + s].put(from, states[s], 0, n);
                  }
                }
              };
            });
  }

  private static void scale(float[] values, int n, float factor) {
    for (int i = 0; i < n; i++) {
      values[i] *= factor;
    }
  }

  private static void decay(float[] g, float[] p, int n, float scale, float decay) {
    for (int i = 0; i < n; i++) {
      g[i] = g[i] * scale + p[i] * decay;
    }
  }

  private static void momentum(float[] g, float[] v, int n, float momentum, boolean nesterov) {
    for (int i = 0; i < n; i++) {
      v[i] = v[i] * momentum + g[i];
    }
    if (nesterov) {
      for (int i = 0; i < n; i++) {
        g[i] += v[i] * momentum;
      }
    } else {
      System.arraycopy(v, 0, g, 0, n);
    }
  }

  private static void descend(float[] p, float[] g, int n, float rate) {
    for (int i = 0; i < n; i++) {
      p[i] -= g[i] * rate;
    }
  }

  private static void moments(float[] m, float[] v, float[] g, int n, float beta1, float beta2) {
    float rest1 = 1 - beta1;
    float rest2 = 1 - beta2;
    for (int i = 0; i < n; i++) {
      m[i] = m[i] * beta1 + g[i] * rest1;
      v[i] = v[i] * beta2 + g[i] * g[i] * rest2;
    }
  }

  private static void adaptiveDescend(
      float[] p, float[] m, float[] v, int n, float step, float correction, float epsilon) {
    for (int i = 0; i < n; i++) {
      p[i] -= step * m[i] / ((float) Math.sqrt(v[i]) * correction + epsilon);
    }
  }

  private static void average(float[] s, float[] g, int n, float alpha) {
    float rest = 1 - alpha;
    for (int i = 0; i < n; i++) {
      s[i] = s[i] * alpha + g[i] * g[i] * rest;
    }
  }

  private static void addSquares(float[] s, float[] g, int n) {
    for (int i = 0; i < n; i++) {
      s[i] += g[i] * g[i];
    }
  }

  private static void normalize(float[] g, float[] s, int n, float epsilon) {
    for (int i = 0; i < n; i++) {
      g[i] /= (float) Math.sqrt(s[i]) + epsilon;
    }
  }

  /** Moves the means m of gradients, and divides by the root of the variance, not below 0. */
  private static void centredNormalize(
      float[] g, float[] s, float[] m, int n, float alpha, float epsilon) {
    float rest = 1 - alpha;
    for (int i = 0; i < n; i++) {
      float mean = m[i] * alpha + g[i] * rest;
      m[i] = mean;
      g[i] /= (float) Math.sqrt(Math.max(0f, s[i] - mean * mean)) + epsilon;
    }
  }
}
