package dev.lamina.testkit;

import dev.lamina.op.ConcatChannels;
import dev.lamina.op.PadChannels;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import java.util.ArrayList;
import java.util.List;

/** Channels moved about: on both sides of a vector's width, the least of everything. */
final class ChannelCases {
  private ChannelCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (int[] extents : new int[][] {{1, 1, 1}, {2, 3, 5}, {3, 14, 14}}) {
      int n = extents[0];
      int h = extents[1];
      int w = extents[2];
      cases.add(concat(images(n, 1, h, w), images(n, 1, h, w)));
      cases.add(concat(images(n, 8, h, w), images(n, 16, h, w)));
      cases.add(concat(images(n, 3, h, w), images(n, 8, h, w), images(n, 2, h, w)));
      cases.add(OpCase.of(new SliceChannels(0, 1), images(n, 1, h, w)).exact());
      cases.add(OpCase.of(new SliceChannels(8, 8), images(n, 16, h, w)).exact());
      cases.add(OpCase.of(new SliceChannels(3, 7), images(n, 11, h, w)).exact());
      cases.add(OpCase.of(new PadChannels(0, 0), images(n, 5, h, w)).exact());
      cases.add(OpCase.of(new PadChannels(0, 16), images(n, 16, h, w)).exact());
      cases.add(OpCase.of(new PadChannels(3, 2), images(n, 9, h, w)).exact());
      cases.add(OpCase.of(new ShuffleChannels(1), images(n, 5, h, w)).exact());
      cases.add(OpCase.of(new ShuffleChannels(2), images(n, 16, h, w)).exact());
      cases.add(OpCase.of(new ShuffleChannels(3), images(n, 21, h, w)).exact());
    }
    return cases;
  }

  private static OpCase concat(OpCase.Input... images) {
    return OpCase.of(new ConcatChannels(), images).exact();
  }

  private static OpCase.Input images(long... dims) {
    return OpCase.f32(Fill.UNIT, dims);
  }
}
