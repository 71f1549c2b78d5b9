package dev.lamina.testkit;

import dev.lamina.op.ConcatChannels;
import dev.lamina.op.PadChannels;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import java.util.List;

/** Ops that move whole channels of images. */
final class ReferenceChannels {
  private ReferenceChannels() {}

  static void concat(ConcatChannels op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int first = 0;
    for (HostTensor input : inputs) {
      for (int c = 0; c < input.size(1); c++) {
        copy(input, c, outputs.get(0), first + c);
      }
      first += input.size(1);
    }
  }

  static void slice(SliceChannels op, List<HostTensor> inputs, List<HostTensor> outputs) {
    for (int c = 0; c < op.count(); c++) {
      copy(inputs.get(0), op.first() + c, outputs.get(0), c);
    }
  }

  static void pad(PadChannels op, List<HostTensor> inputs, List<HostTensor> outputs) {
    for (int c = 0; c < inputs.get(0).size(1); c++) {
      copy(inputs.get(0), c, outputs.get(0), op.before() + c);
    }
  }

  static void shuffle(ShuffleChannels op, List<HostTensor> inputs, List<HostTensor> outputs) {
    int members = inputs.get(0).size(1) / op.groups();
    for (int group = 0; group < op.groups(); group++) {
      for (int member = 0; member < members; member++) {
        int from = group * members + member;
        copy(inputs.get(0), from, outputs.get(0), member * op.groups() + group);
      }
    }
  }

  /** Copies a channel of every image. */
  private static void copy(HostTensor from, int source, HostTensor to, int target) {
    int plane = from.size(2) * from.size(3);
    for (int n = 0; n < from.size(0); n++) {
      for (int i = 0; i < plane; i++) {
        to.values()[(n * to.size(1) + target) * plane + i] =
            from.at((n * from.size(1) + source) * plane + i);
      }
    }
  }
}
