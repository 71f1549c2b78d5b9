package dev.lamina.graph;

import dev.lamina.op.Add;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.Linear;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rewrites that give the same numbers with less work, on every device. */
final class Fusion {
  private Fusion() {}

  /** Folds a ReLU into the convolution or linear layer whose result only it reads. */
  static Graph activations(Graph graph) {
    Map<Value, List<Node>> readers = readers(graph.nodes());
    List<Node> fused = new ArrayList<>();
    Set<Node> absorbed = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (absorbed.contains(node)) {
        continue;
      }
      Op withRelu = withRelu(node.op());
      List<Node> next = readers.getOrDefault(node.output(), List.of());
      boolean alone = next.size() == 1 && !graph.outputs().contains(node.output());
      if (withRelu != null && alone && next.get(0).op() instanceof Relu) {
        absorbed.add(next.get(0));
        fused.add(new Node(node.name(), withRelu, node.inputs(), next.get(0).outputs()));
      } else {
        fused.add(node);
      }
    }
    return graph.withNodes(fused);
  }

  /**
   * Joins a sum to the convolution with bias whose result only the sum reads; of two such, to the
   * one that comes later, so that nothing has to wait.
   */
  static Graph residuals(Graph graph) {
    Map<Value, List<Node>> readers = readers(graph.nodes());
    Map<Value, Node> makers = new HashMap<>();
    graph.nodes().forEach(node -> makers.put(node.output(), node));
    Map<Node, Node> joined = new HashMap<>();
    Set<Node> absorbed = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (!(node.op() instanceof Add)) {
        continue;
      }
      for (Value term : node.inputs()) {
        Node conv = makers.get(term);
        boolean alone = readers.get(term).size() == 1 && !graph.outputs().contains(term);
        boolean later =
            !joined.containsKey(node)
                || graph.nodes().indexOf(conv) > graph.nodes().indexOf(joined.get(node));
        if (alone && later && conv != null && conv.op() instanceof Conv2d op) {
          if (!op.relu() && conv.inputs().size() == 3) {
            joined.put(node, conv);
          }
        }
      }
      if (joined.containsKey(node)) {
        absorbed.add(joined.get(node));
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node conv = joined.get(node);
      if (conv != null) {
        Conv2d op = (Conv2d) conv.op();
        int other = node.inputs().get(0) == conv.output() ? 1 : 0;
        List<Value> inputs = new ArrayList<>(conv.inputs());
        inputs.add(node.inputs().get(other));
        Op sum = new Conv2dAdd(op.window(), op.groups(), false);
        nodes.add(new Node(conv.name(), sum, inputs, node.outputs()));
      } else if (!absorbed.contains(node)) {
        nodes.add(node);
      }
    }
    return graph.withNodes(nodes);
  }

  private static Op withRelu(Op op) {
    if (op instanceof Conv2d conv && !conv.relu()) {
      return new Conv2d(conv.window(), conv.groups(), true);
    }
    if (op instanceof Conv2dAdd conv && !conv.relu()) {
      return new Conv2dAdd(conv.window(), conv.groups(), true);
    }
    return op instanceof Linear linear && !linear.relu() ? new Linear(true) : null;
  }

  /** Leaves out the winning positions of poolings that no backward pass reads. */
  static Graph unsavedPooling(Graph graph) {
    Map<Value, List<Node>> readers = readers(graph.nodes());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof MaxPool2d pool
          && pool.saved()
          && !readers.containsKey(node.outputs().get(1))) {
        Op unsaved = new MaxPool2d(pool.window(), false);
        nodes.add(new Node(node.name(), unsaved, node.inputs(), List.of(node.output())));
      } else {
        nodes.add(node);
      }
    }
    return graph.withNodes(nodes);
  }

  /**
   * Moves a ReLU's gradient before the gradient of the max-pooling that follows the ReLU.
   *
   * <p>The winner of a window is the pooled value itself, so masking by {@code pooled > 0} before
   * spreading equals masking by {@code y > 0} after it, on a fraction of the data.
   */
  static List<Node> reluBeforePooling(List<Node> nodes) {
    Map<Value, List<Node>> readers = readers(nodes);
    Map<Value, Node> makers = new HashMap<>();
    nodes.forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
    Map<Node, List<Node>> replacement = new HashMap<>();
    for (Node mask : nodes) {
      if (!(mask.op() instanceof ReluBackward)) {
        continue;
      }
      Node spread = makers.get(mask.inputs().get(0));
      if (spread == null
          || !(spread.op() instanceof MaxPool2dBackward)
          || readers.get(spread.output()).size() != 1) {
        continue;
      }
      Node pool = makers.get(spread.inputs().get(1));
      if (pool.inputs().get(0) != mask.inputs().get(1)) {
        continue;
      }
      Value gradient = spread.inputs().get(0);
      Value masked = new Value(mask.name(), gradient.spec());
      replacement.put(
          spread,
          List.of(
              new Node(mask.name(), mask.op(), List.of(gradient, pool.output()), List.of(masked)),
              new Node(
                  spread.name(),
                  spread.op(),
                  List.of(masked, spread.inputs().get(1)),
                  mask.outputs())));
      replacement.put(mask, List.of());
    }
    List<Node> rewritten = new ArrayList<>();
    nodes.forEach(node -> rewritten.addAll(replacement.getOrDefault(node, List.of(node))));
    return rewritten;
  }

  /** Returns who reads each value, in order. */
  static Map<Value, List<Node>> readers(List<Node> nodes) {
    Map<Value, List<Node>> readers = new HashMap<>();
    for (Node node : nodes) {
      for (Value input : node.inputs()) {
        readers.computeIfAbsent(input, key -> new ArrayList<>()).add(node);
      }
    }
    return readers;
  }
}
