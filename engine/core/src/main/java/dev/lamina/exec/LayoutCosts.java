package dev.lamina.exec;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.graph.Node;
import dev.lamina.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an assignment of ways to nodes costs: measured times of the calls that have a choice, and of
 * the reorders between them. Asked thousands of times while a plan is chosen, so it works on
 * numbers of layouts and allocates nothing.
 */
final class LayoutCosts {
  private static final long UNKNOWN = -1;
  private static final int NONE = -1;

  /** A value, with its layouts numbered; a gradient shares the numbers of its parameter. */
  private static final class Tensor {
    private final Value value;
    private final boolean opaque;
    private final List<Layout> layouts;
    private final int makerNode;
    private final int makerPosition;
    private int fixed = NONE;
    private int[] readerNodes = {};
    private int[] readerPositions = {};
    private Tensor parameter;
    private long[][] reorders;

    Tensor(Value value, boolean opaque, List<Layout> layouts, int makerNode, int makerPosition) {
      this.value = value;
      this.opaque = opaque;
      this.layouts = layouts;
      this.makerNode = makerNode;
      this.makerPosition = makerPosition;
    }

    int number(Layout layout) {
      int known = layouts.indexOf(layout);
      if (known >= 0) {
        return known;
      }
      layouts.add(layout);
      return layouts.size() - 1;
    }

    void readBy(int node, int position) {
      readerNodes = Arrays.copyOf(readerNodes, readerNodes.length + 1);
      readerPositions = Arrays.copyOf(readerPositions, readerPositions.length + 1);
      readerNodes[readerNodes.length - 1] = node;
      readerPositions[readerPositions.length - 1] = position;
    }
  }

  private final Stopwatch stopwatch;
  private final List<OpCall> calls;
  private final List<List<Way>> ways;
  private final int lanes;
  private final Tensor[] tensors;

  /** By node, way and operand: the number of the layout. */
  private final int[][][] inputs;

  private final int[][][] outputs;

  /** By node and way. */
  private final long[][] nanos;

  LayoutCosts(
      Stopwatch stopwatch,
      List<Node> nodes,
      List<OpCall> calls,
      List<List<Way>> ways,
      int lanes,
      Map<Value, Layout> fixed,
      Map<Value, Value> gradientOf) {
    this.stopwatch = stopwatch;
    this.calls = calls;
    this.ways = ways;
    this.lanes = lanes;
    Map<Value, Tensor> known = new HashMap<>();
    for (int n = 0; n < nodes.size(); n++) {
      Node node = nodes.get(n);
      for (int i = 0; i < node.inputs().size(); i++) {
        Value value = node.inputs().get(i);
        known
            .computeIfAbsent(value, read -> new Tensor(read, false, new ArrayList<>(), NONE, NONE))
            .readBy(n, i);
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        Value value = node.outputs().get(i);
        // A gradient's parameter was read by the forward pass, so its numbers exist already.
        Tensor parameter = known.get(gradientOf.get(value));
        List<Layout> layouts = parameter == null ? new ArrayList<>() : parameter.layouts;
        boolean opaque = node.op().opaque().contains(i);
        Tensor made = new Tensor(value, opaque, layouts, n, i);
        made.parameter = parameter;
        known.put(value, made);
      }
    }
    inputs = new int[nodes.size()][][];
    outputs = new int[nodes.size()][][];
    nanos = new long[nodes.size()][];
    for (int n = 0; n < nodes.size(); n++) {
      List<Way> offered = ways.get(n);
      inputs[n] = new int[offered.size()][];
      outputs[n] = new int[offered.size()][];
      nanos[n] = new long[offered.size()];
      Arrays.fill(nanos[n], offered.size() == 1 ? 0 : UNKNOWN);
      for (int w = 0; w < offered.size(); w++) {
        inputs[n][w] = numbers(known, nodes.get(n).inputs(), offered.get(w).inputs());
        outputs[n][w] = numbers(known, nodes.get(n).outputs(), offered.get(w).outputs());
      }
    }
    fixed.forEach(
        (value, layout) -> {
          if (known.containsKey(value)) {
            known.get(value).fixed = known.get(value).number(layout);
          }
        });
    tensors = known.values().toArray(new Tensor[0]);
    for (Tensor tensor : tensors) {
      tensor.reorders = new long[tensor.layouts.size()][tensor.layouts.size()];
      for (long[] row : tensor.reorders) {
        Arrays.fill(row, UNKNOWN);
      }
    }
  }

  private static int[] numbers(Map<Value, Tensor> known, List<Value> values, List<Layout> layouts) {
    int[] numbers = new int[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = known.get(values.get(i)).number(layouts.get(i));
    }
    return numbers;
  }

  /** Returns the time of a node done in a way; 0 if it has no choice. */
  long nanos(int node, int way) {
    if (nanos[node][way] == UNKNOWN) {
      nanos[node][way] = stopwatch.nanos(calls.get(node), ways.get(node).get(way));
    }
    return nanos[node][way];
  }

  /** Returns the time of all calls that have a choice and of all reorders. */
  long total(int[] chosen) {
    long total = 0;
    for (int n = 0; n < chosen.length; n++) {
      total += nanos(n, chosen[n]);
    }
    for (Tensor tensor : tensors) {
      int home = home(tensor, chosen);
      for (int r = 0; r < tensor.readerNodes.length; r++) {
        int wanted = wanted(tensor, r, chosen);
        if (wanted != home && !wantedBefore(tensor, r, wanted, chosen)) {
          total += reorder(tensor, home, wanted);
        }
      }
      if (tensor.parameter != null) {
        total += reorder(tensor, home, home(tensor.parameter, chosen));
      }
      if (tensor.makerNode != NONE && tensor.fixed != NONE) {
        total += reorder(tensor, home, tensor.fixed);
      }
    }
    return total;
  }

  private int wanted(Tensor tensor, int reader, int[] chosen) {
    int node = tensor.readerNodes[reader];
    return inputs[node][chosen[node]][tensor.readerPositions[reader]];
  }

  /** Readers that want the same layout share one reorder. */
  private boolean wantedBefore(Tensor tensor, int reader, int wanted, int[] chosen) {
    for (int r = 0; r < reader; r++) {
      if (wanted(tensor, r, chosen) == wanted) {
        return true;
      }
    }
    return false;
  }

  private int home(Tensor tensor, int[] chosen) {
    if (tensor.makerNode != NONE) {
      return outputs[tensor.makerNode][chosen[tensor.makerNode]][tensor.makerPosition];
    }
    return tensor.fixed != NONE ? tensor.fixed : wanted(tensor, 0, chosen);
  }

  private long reorder(Tensor tensor, int from, int to) {
    if (from == to) {
      return 0;
    }
    if (tensor.opaque) {
      return Stopwatch.NEVER;
    }
    long known = tensor.reorders[from][to];
    if (known == UNKNOWN) {
      known =
          stopwatch.reorder(
              tensor.value.spec(), tensor.layouts.get(from), tensor.layouts.get(to), lanes);
      tensor.reorders[from][to] = known;
    }
    return known;
  }
}
