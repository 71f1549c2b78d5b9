package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.PadChannels;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Ops that move whole channels: runs of planes, copied one behind the other. */
final class ChannelLoops {
  /** Pixels that are copied faster one by one than by a call. */
  private static final int SMALL_PLANE = 8;

  private ChannelLoops() {}

  /** Channels of an input that stay together. */
  private record Run(int input, int from, int to, int count) {}

  static CpuWay concat(OpCall call) {
    List<Run> runs = new ArrayList<>();
    int first = 0;
    for (int input = 0; input < call.inputs().size(); input++) {
      int channels = channels(call.inputs().get(input));
      runs.add(new Run(input, 0, first, channels));
      first += channels;
    }
    return way(call, runs);
  }

  static CpuWay slice(SliceChannels op, OpCall call) {
    return way(call, List.of(new Run(0, op.first(), 0, op.count())));
  }

  static CpuWay pad(PadChannels op, OpCall call) {
    return way(call, List.of(new Run(0, 0, op.before(), channels(call.inputs().get(0)))));
  }

  /** Planes may be of a single pixel, so rows are put together on the heap. */
  static CpuWay shuffle(ShuffleChannels op, OpCall call) {
    TensorSpec x = call.inputs().get(0);
    int rows = x.shape().size(0);
    int channels = channels(x);
    int plane = x.shape().size(2) * x.shape().size(3);
    int members = channels / op.groups();
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer in = inputs.get(0).floats();
              FloatBuffer out = outputs.get(0).floats();
              float[] from = new float[channels * plane];
              float[] to = new float[channels * plane];
              return () -> {
                for (int n = 0, at = 0; n < rows; n++, at += from.length) {
                  in.get(at, from);
                  for (int g = 0; g < op.groups(); g++) {
                    spread(from, g * members, members, to, g, op.groups(), plane);
                  }
                  out.put(at, to);
                }
              };
            });
  }

  /** Copies the planes of neighbouring channels to every {@code step}th from {@code target} on. */
  private static void spread(
      float[] from, int first, int count, float[] to, int target, int step, int plane) {
    int source = first * plane;
    int end = source + count * plane;
    int at = target * plane;
    if (plane > SMALL_PLANE) {
      for (; source < end; source += plane, at += step * plane) {
        System.arraycopy(from, source, to, at, plane);
      }
      return;
    }
    for (; source < end; source += plane, at += step * plane) {
      for (int i = 0; i < plane; i++) {
        to[at + i] = from[source + i];
      }
    }
  }

  private static int channels(TensorSpec images) {
    return images.shape().size(1);
  }

  /** What no run fills is zero. */
  private static CpuWay way(OpCall call, List<Run> runs) {
    TensorSpec result = call.outputs().get(0);
    int rows = result.shape().size(0);
    int plane = result.shape().size(2) * result.shape().size(3);
    int row = channels(result) * plane;
    boolean filled = runs.stream().mapToInt(Run::count).sum() == channels(result);
    Run[] moves = runs.toArray(Run[]::new);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer[] from = UpdateLoops.floats(inputs, 0);
              FloatBuffer to = outputs.get(0).floats();
              float[] zeros = new float[filled ? 0 : row];
              return () -> {
                for (int n = 0; n < rows; n++) {
                  if (!filled) {
                    to.put(n * row, zeros);
                  }
                  for (Run run : moves) {
                    int source = channels(call.inputs().get(run.input()));
                    to.put(
                        n * row + run.to() * plane,
                        from[run.input()],
                        (n * source + run.from()) * plane,
                        run.count() * plane);
                  }
                }
              };
            });
  }
}
