package dev.lamina.testkit;

import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import java.util.List;

/** Gradient sums, their norm, and the optimizers. */
final class ReferenceUpdates {
  private ReferenceUpdates() {}

  static void sumGradients(SumGradients op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] sum = inputs.get(0).values();
    boolean keep =
        op.keeps()
            && ReferenceSteps.real(inputs.get(1), inputs.get(2), StepTable.KEEP_GRADIENTS) != 0;
    for (int i = 0; i < sum.length; i++) {
      double total = keep ? sum[i] : 0;
      for (HostTensor gradient : inputs.subList(3, inputs.size())) {
        total += gradient.at(i);
      }
      sum[i] = total;
    }
  }

  static void squaredNorm(SquaredNorm op, List<HostTensor> inputs, List<HostTensor> outputs) {
    for (double value : inputs.get(0).values()) {
      outputs.get(0).values()[0] += value * value;
    }
  }

  static void clipFactor(ClipFactor op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double squares = 0;
    for (HostTensor partial : inputs.subList(2, inputs.size())) {
      squares += partial.at(0);
    }
    double scale = ReferenceSteps.real(inputs.get(0), inputs.get(1), StepTable.GRADIENT_SCALE);
    double norm = scale * Math.sqrt(squares);
    outputs.get(0).values()[0] = Math.min(1, op.maxNorm() / (norm + 1e-6));
  }

  static void sgd(SgdUpdate op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] parameters = inputs.get(0).values();
    double rate = word(op, inputs, StepTable.LEARNING_RATE) * op.rateFactor();
    for (int i = 0; i < parameters.length; i++) {
      double step = gradient(op, inputs, i) + op.weightDecay() * parameters[i];
      if (op.momentum() != 0) {
        double[] velocity = inputs.get(1).values();
        velocity[i] = op.momentum() * velocity[i] + step;
        step = op.nesterov() ? step + op.momentum() * velocity[i] : velocity[i];
      }
      parameters[i] -= rate * step;
    }
  }

  static void adam(AdamUpdate op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] parameters = inputs.get(0).values();
    double[] mean = inputs.get(1).values();
    double[] square = inputs.get(2).values();
    double rate = word(op, inputs, StepTable.LEARNING_RATE) * op.rateFactor();
    double correction1 = word(op, inputs, StepTable.BIAS_CORRECTION_1);
    double correction2 = word(op, inputs, StepTable.BIAS_CORRECTION_2);
    for (int i = 0; i < parameters.length; i++) {
      double g = gradient(op, inputs, i);
      if (op.decoupled()) {
        parameters[i] *= 1 - rate * op.weightDecay();
      } else {
        g += op.weightDecay() * parameters[i];
      }
      mean[i] = op.beta1() * mean[i] + (1.0 - op.beta1()) * g;
      square[i] = op.beta2() * square[i] + (1.0 - op.beta2()) * g * g;
      double root = Math.sqrt(square[i]) / Math.sqrt(correction2) + op.epsilon();
      parameters[i] -= rate / correction1 * mean[i] / root;
    }
  }

  static void rmsProp(RmsPropUpdate op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] parameters = inputs.get(0).values();
    double[] square = inputs.get(1).values();
    double rate = word(op, inputs, StepTable.LEARNING_RATE) * op.rateFactor();
    for (int i = 0; i < parameters.length; i++) {
      double g = gradient(op, inputs, i) + op.weightDecay() * parameters[i];
      square[i] = op.alpha() * square[i] + (1.0 - op.alpha()) * g * g;
      double spread = square[i];
      if (op.centered()) {
        double[] mean = inputs.get(2).values();
        mean[i] = op.alpha() * mean[i] + (1.0 - op.alpha()) * g;
        spread = Math.max(0, spread - mean[i] * mean[i]);
      }
      double step = g / (Math.sqrt(spread) + op.epsilon());
      if (op.momentum() != 0) {
        double[] velocity = inputs.get(op.states()).values();
        velocity[i] = op.momentum() * velocity[i] + step;
        step = velocity[i];
      }
      parameters[i] -= rate * step;
    }
  }

  static void adagrad(AdagradUpdate op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] parameters = inputs.get(0).values();
    double[] sum = inputs.get(1).values();
    double rate = word(op, inputs, StepTable.LEARNING_RATE) * op.rateFactor();
    for (int i = 0; i < parameters.length; i++) {
      double g = gradient(op, inputs, i) + op.weightDecay() * parameters[i];
      sum[i] += g * g;
      parameters[i] -= rate * g / (Math.sqrt(sum[i]) + op.epsilon());
    }
  }

  static void l1Penalty(L1Penalty op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] gradients = inputs.get(0).values();
    double scale = ReferenceSteps.real(inputs.get(2), inputs.get(3), StepTable.GRADIENT_SCALE);
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] += op.factor() / scale * Math.signum(inputs.get(1).at(i));
    }
  }

  static void movingAverage(MovingAverage op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] averages = inputs.get(0).values();
    double decay = ReferenceSteps.real(inputs.get(2), inputs.get(3), StepTable.AVERAGE_DECAY);
    for (int i = 0; i < averages.length; i++) {
      averages[i] += (1 - decay) * (inputs.get(1).at(i) - averages[i]);
    }
  }

  /** Returns the gradient that counts: the sum of all given, scaled, and clipped if it is. */
  private static double gradient(OptimizerOp op, List<HostTensor> inputs, int i) {
    double sum = 0;
    for (HostTensor gradient : inputs.subList(op.firstGradient(), inputs.size())) {
      sum += gradient.at(i);
    }
    double scaled = sum * word(op, inputs, StepTable.GRADIENT_SCALE);
    return op.clipped() ? scaled * inputs.get(op.firstGradient() - 1).at(0) : scaled;
  }

  private static double word(OptimizerOp op, List<HostTensor> inputs, int word) {
    int tables = op.tablesPosition();
    return ReferenceSteps.real(inputs.get(tables), inputs.get(tables + 1), word);
  }
}
