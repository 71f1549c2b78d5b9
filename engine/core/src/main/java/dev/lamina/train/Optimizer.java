package dev.lamina.train;

import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;

/** How parameters follow their gradients; definitions as in PyTorch. */
public sealed interface Optimizer {
  /** Returns the name users type. */
  String name();

  /** Returns the update of parameters that do not decay. */
  OptimizerOp op();

  /** Returns the weight decay of parameters that do. */
  float weightDecay();

  /** Returns {@code 1 - beta^t} for both moments at update {@code t}, from 1; ones without them. */
  default float[] biasCorrections(long t) {
    return new float[] {1, 1};
  }

  /**
   * Stochastic gradient descent.
   *
   * @param momentum 0 for none
   * @param nesterov whether the gradient is taken ahead; needs momentum
   * @param weightDecay L2 coefficient
   */
  record Sgd(float momentum, boolean nesterov, float weightDecay) implements Optimizer {
    /** Checks the values. */
    public Sgd {
      require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and below 1");
      require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
      if (nesterov && momentum == 0) {
        throw new IllegalArgumentException("Nesterov's momentum needs a momentum above 0");
      }
    }

    @Override
    public String name() {
      return "sgd";
    }

    @Override
    public OptimizerOp op() {
      return new SgdUpdate(momentum, nesterov, 0, 1, false);
    }
  }

  /**
   * Adam, or AdamW with {@code decoupled}.
   *
   * @param decoupled whether weight decay acts on the parameter instead of the gradient
   */
  record Adam(float beta1, float beta2, float epsilon, float weightDecay, boolean decoupled)
      implements Optimizer {
    /** Checks the values. */
    public Adam {
      require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and below 1");
      require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and below 1");
      require(epsilon > 0, "epsilon", epsilon, "above 0");
      require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
    }

    /** Makes Adam with the usual moments, 0.9 and 0.999, and epsilon 1e-8. */
    public Adam(float weightDecay) {
      this(0.9f, 0.999f, 1e-8f, weightDecay, false);
    }

    @Override
    public String name() {
      return decoupled ? "adamw" : "adam";
    }

    @Override
    public OptimizerOp op() {
      return new AdamUpdate(beta1, beta2, epsilon, decoupled, 0, 1, false);
    }

    @Override
    public float[] biasCorrections(long t) {
      return new float[] {
        (float) (1 - Math.pow(beta1, t)), (float) (1 - Math.pow(beta2, t)),
      };
    }
  }

  /**
   * RMSprop.
   *
   * @param alpha share of the past in the mean of squares
   * @param centered whether the root is of the gradients' variance
   * @param momentum 0 for none
   */
  record RmsProp(float alpha, float epsilon, boolean centered, float momentum, float weightDecay)
      implements Optimizer {
    /** Checks the values. */
    public RmsProp {
      require(alpha >= 0 && alpha < 1, "alpha", alpha, "at least 0 and below 1");
      require(epsilon > 0, "epsilon", epsilon, "above 0");
      require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and below 1");
      require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
    }

    /** Makes RMSprop with PyTorch's alpha of 0.99 and epsilon of 1e-8. */
    public RmsProp(float momentum, float weightDecay) {
      this(0.99f, 1e-8f, false, momentum, weightDecay);
    }

    @Override
    public String name() {
      return "rmsprop";
    }

    @Override
    public OptimizerOp op() {
      return new RmsPropUpdate(alpha, epsilon, centered, momentum, 0, 1, false);
    }
  }

  /** Adagrad, whose rate does not decay by itself. */
  record Adagrad(float epsilon, float weightDecay) implements Optimizer {
    /** Checks the values. */
    public Adagrad {
      require(epsilon > 0, "epsilon", epsilon, "above 0");
      require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
    }

    /** Makes Adagrad with PyTorch's epsilon of 1e-10. */
    public Adagrad(float weightDecay) {
      this(1e-10f, weightDecay);
    }

    @Override
    public String name() {
      return "adagrad";
    }

    @Override
    public OptimizerOp op() {
      return new AdagradUpdate(epsilon, 0, 1, false);
    }
  }

  private static void require(boolean holds, String what, float value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(what + " must be " + rule + ", not " + value);
    }
  }
}
