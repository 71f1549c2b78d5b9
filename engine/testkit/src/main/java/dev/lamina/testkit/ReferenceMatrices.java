package dev.lamina.testkit;

import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import java.util.List;

/** Matrix product and the fully connected layer. */
final class ReferenceMatrices {
  private ReferenceMatrices() {}

  static void matMul(MatMul op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] a = inputs.get(0).values();
    double[] b = inputs.get(1).values();
    double[] c = outputs.get(0).values();
    int rows = outputs.get(0).size(0);
    int columns = outputs.get(0).size(1);
    int inner = a.length / rows;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int l = 0; l < inner; l++) {
          double left = op.transposeA() ? a[l * rows + i] : a[i * inner + l];
          double right = op.transposeB() ? b[j * inner + l] : b[l * columns + j];
          c[i * columns + j] += left * right;
        }
      }
    }
  }

  static void linear(Linear op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] weight = inputs.get(1).values();
    double[] y = outputs.get(0).values();
    int rows = outputs.get(0).size(0);
    int units = outputs.get(0).size(1);
    int features = x.length / rows;
    for (int n = 0; n < rows; n++) {
      for (int m = 0; m < units; m++) {
        double sum = 0;
        for (int k = 0; k < features; k++) {
          sum += x[n * features + k] * weight[m * features + k];
        }
        if (inputs.size() == 3) {
          sum += inputs.get(2).at(m);
        }
        y[n * units + m] = op.relu() ? Math.max(0, sum) : sum;
      }
    }
  }

  static void linearBackwardData(
      LinearBackwardData op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] dy = inputs.get(0).values();
    double[] weight = inputs.get(1).values();
    double[] dx = outputs.get(0).values();
    int rows = inputs.get(0).size(0);
    int units = inputs.get(0).size(1);
    int features = dx.length / rows;
    for (int n = 0; n < rows; n++) {
      for (int k = 0; k < features; k++) {
        for (int m = 0; m < units; m++) {
          dx[n * features + k] += dy[n * units + m] * weight[m * features + k];
        }
      }
    }
  }

  static void linearBackwardWeights(
      LinearBackwardWeights op, List<HostTensor> inputs, List<HostTensor> outputs) {
    double[] x = inputs.get(0).values();
    double[] dy = inputs.get(1).values();
    double[] dweight = outputs.get(0).values();
    int rows = inputs.get(1).size(0);
    int units = inputs.get(1).size(1);
    int features = x.length / rows;
    for (int n = 0; n < rows; n++) {
      for (int m = 0; m < units; m++) {
        for (int k = 0; k < features; k++) {
          dweight[m * features + k] += dy[n * units + m] * x[n * features + k];
        }
        if (op.bias()) {
          outputs.get(1).values()[m] += dy[n * units + m];
        }
      }
    }
  }
}
