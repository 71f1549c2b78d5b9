package dev.lamina.testkit;

import dev.lamina.op.EndStep;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.StepTable;
import java.util.List;

/** Ops that read the step tables, and the one that ends a step. */
final class ReferenceSteps {
  private ReferenceSteps() {}

  static void gatherSamples(GatherSamples op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor source = inputs.get(0);
    double[] samples = outputs.get(0).values();
    int channels = source.size(1);
    int plane = source.size(2) * source.size(3);
    int sample = channels * plane;
    for (int row = 0; row < op.rows(); row++) {
      int index = integer(inputs.get(1), inputs.get(2), StepTable.INDICES + op.firstRow() + row);
      for (int i = 0; i < sample; i++) {
        double value = source.at(index * sample + i) * op.scale();
        int c = i / plane;
        samples[row * sample + i] = (value - op.mean().get(c)) / op.deviation().get(c);
      }
    }
  }

  static void gatherLabels(GatherLabels op, List<HostTensor> inputs, List<HostTensor> outputs) {
    for (int row = 0; row < op.rows(); row++) {
      int index = integer(inputs.get(1), inputs.get(2), StepTable.INDICES + op.firstRow() + row);
      outputs.get(0).values()[row] = inputs.get(0).at(index);
    }
  }

  static void endStep(EndStep op, List<HostTensor> inputs, List<HostTensor> outputs) {
    HostTensor ring = inputs.get(0);
    double[] cursor = inputs.get(1).values();
    int slot = (int) cursor[0];
    for (int i = 0; i < SoftmaxCrossEntropy.CELL; i++) {
      double sum = 0;
      for (HostTensor cell : inputs.subList(2, inputs.size())) {
        sum += cell.at(i);
      }
      ring.values()[slot * SoftmaxCrossEntropy.CELL + i] = sum;
    }
    cursor[0] = (slot + 1) % ring.size(0);
  }

  /** Returns a word of the running step's table. */
  static int integer(HostTensor tables, HostTensor cursor, int word) {
    return (int) tables.at((int) cursor.at(0) * tables.size(1) + word);
  }

  /** Returns two words of the running step's table: low half, then high half. */
  static long wide(HostTensor tables, HostTensor cursor, int word) {
    long low = integer(tables, cursor, word) & 0xFFFFFFFFL;
    return low | (long) integer(tables, cursor, word + 1) << Integer.SIZE;
  }

  /** Returns a word of the running step's table that holds a float's bits. */
  static double real(HostTensor tables, HostTensor cursor, int word) {
    return Float.intBitsToFloat(integer(tables, cursor, word));
  }
}
