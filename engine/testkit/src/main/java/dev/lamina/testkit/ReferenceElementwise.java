package dev.lamina.testkit;

import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.Add;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.op.StepTable;
import dev.lamina.random.Philox;
import java.util.List;

/** Ops that treat each element alone. */
final class ReferenceElementwise {
  private ReferenceElementwise() {}

  static void relu(Relu op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] y = outputs.get(0).values();
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(0, inputs.get(0).at(i));
    }
  }

  static void reluBackward(ReluBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dx = outputs.get(0).values();
    for (int i = 0; i < dx.length; i++) {
      dx[i] = inputs.get(1).at(i) > 0 ? inputs.get(0).at(i) : 0;
    }
  }

  static void activation(Activation op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] y = outputs.get(0).values();
    for (int i = 0; i < y.length; i++) {
      double x = inputs.get(0).at(i);
      y[i] =
          switch (op.kind()) {
            case LEAKY_RELU -> x > 0 ? x : op.alpha() * x;
            case ELU -> x > 0 ? x : op.alpha() * Math.expm1(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
          };
    }
  }

  static void activationBackward(
      ActivationBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dx = outputs.get(0).values();
    for (int i = 0; i < dx.length; i++) {
      double y = inputs.get(1).at(i);
      double slope =
          switch (op.kind()) {
            case LEAKY_RELU -> y > 0 ? 1 : op.alpha();
            case ELU -> y > 0 ? 1 : y + op.alpha();
            case SIGMOID -> y * (1 - y);
            case TANH -> 1 - y * y;
          };
      dx[i] = inputs.get(0).at(i) * slope;
    }
  }

  static void add(Add op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] sum = outputs.get(0).values();
    for (int i = 0; i < sum.length; i++) {
      sum[i] = inputs.get(0).at(i) + inputs.get(1).at(i);
    }
  }

  static void dropout(Dropout op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor x = inputs.get(0);
    double[] y = outputs.get(0).values();
    double[] kept = outputs.get(1).values();
    HostTensor tables = inputs.get(1);
    HostTensor cursor = inputs.get(2);
    Philox random = Philox.ofKey(ReferenceSteps.wide(tables, cursor, StepTable.RANDOM_KEY));
    long step = ReferenceSteps.integer(tables, cursor, StepTable.STEP) & 0xFFFFFFFFL;
    long counter = (long) op.stream() << Integer.SIZE | step;
    long first = (long) op.firstRow() * (y.length / x.size(0));
    for (int i = 0; i < y.length; i++) {
      kept[i] = random.bits(counter, first + i) >>> 8 >= op.threshold() ? 1 : 0;
      y[i] = kept[i] * x.at(i) / (1.0 - op.probability());
    }
  }

  static void dropoutBackward(
      DropoutBackward op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dx = outputs.get(0).values();
    for (int i = 0; i < dx.length; i++) {
      dx[i] = inputs.get(1).at(i) * inputs.get(0).at(i) / (1.0 - op.probability());
    }
  }

  static void reorder(Reorder op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] copy = outputs.get(0).values();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = inputs.get(0).at(i);
    }
  }
}
