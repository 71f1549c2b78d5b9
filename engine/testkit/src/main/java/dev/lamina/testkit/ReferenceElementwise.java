package dev.lamina.testkit;

import dev.lamina.op.Add;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
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

  static void add(Add op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] sum = outputs.get(0).values();
    for (int i = 0; i < sum.length; i++) {
      sum[i] = inputs.get(0).at(i) + inputs.get(1).at(i);
    }
  }

  static void reorder(Reorder op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] copy = outputs.get(0).values();
    for (int i = 0; i < copy.length; i++) {
      copy[i] = inputs.get(0).at(i);
    }
  }
}
