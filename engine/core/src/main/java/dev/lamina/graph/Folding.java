package dev.lamina.graph;

import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.Op;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What evaluation and prediction join to the convolutions of a network: the batch normalisation
 * behind one, by folded weights, which follow from parameters and statistics alone and so are made
 * once for many steps; and the sum that ends a residual block.
 *
 * <p>It is made once for a model, so that all its plans mean the same folded values.
 */
public final class Folding {
  private static final Initializer NOTHING = Initializer.constant(0);

  /** By the name of the convolution. */
  private final Map<String, Node> folds = new LinkedHashMap<>();

  private final boolean sums;

  private Folding(boolean sums) {
    this.sums = sums;
  }

  /** Returns the folding that joins nothing. */
  public static Folding none() {
    return new Folding(false);
  }

  /**
   * Finds the convolutions whose results only a batch normalisation reads.
   *
   * @param fuses whether an op may be put in place of several others
   */
  public static Folding of(Graph model, Predicate<Class<? extends Op>> fuses) {
    Folding folding = new Folding(fuses.test(Conv2dAdd.class));
    if (!fuses.test(FoldBatchNorm2d.class)) {
      return folding;
    }
    Graph graph = StepGraph.withoutTraining(model);
    Map<Value, List<Node>> readers = Fusion.readers(graph.nodes());
    List<Value> given = new ArrayList<>();
    model.parameters().forEach(parameter -> given.add(parameter.value()));
    model.statistics().forEach(statistic -> given.add(statistic.value()));
    for (Node node : graph.nodes()) {
      List<Node> next = readers.getOrDefault(node.output(), List.of());
      if (node.op() instanceof Conv2d conv
          && !conv.relu()
          && next.size() == 1
          && !graph.outputs().contains(node.output())
          && next.get(0).op() instanceof BatchNorm2dInference normalization
          && next.get(0).inputs().get(0) == node.output()) {
        Node fold = fold(node, next.get(0), normalization);
        if (given.containsAll(fold.inputs())) {
          folding.folds.put(node.name(), fold);
        }
      }
    }
    return folding;
  }

  private static Node fold(Node conv, Node norm, BatchNorm2dInference normalization) {
    List<Value> inputs = new ArrayList<>(List.of(conv.inputs().get(1)));
    inputs.addAll(norm.inputs().subList(1, norm.inputs().size()));
    inputs.addAll(conv.inputs().subList(2, conv.inputs().size()));
    Op op = new FoldBatchNorm2d(normalization.epsilon());
    List<TensorSpec> specs = op.infer(inputs.stream().map(Value::spec).toList());
    Value weight = new Value(conv.name() + "/folded_weight", specs.get(0));
    Value bias = new Value(conv.name() + "/folded_bias", specs.get(1));
    return new Node("fold " + norm.name(), op, inputs, List.of(weight, bias));
  }

  /**
   * Returns the ops that make the folded values. First input is the weight, then what the
   * normalisation reads; first output is the folded weight.
   */
  public List<Node> nodes() {
    return List.copyOf(folds.values());
  }

  /** Returns the folded values as tensors to be laid out; their initial values say nothing. */
  public List<Parameter> tensors() {
    List<Parameter> tensors = new ArrayList<>();
    for (Node fold : folds.values()) {
      fold.outputs().forEach(value -> tensors.add(new Parameter(value, NOTHING, false)));
    }
    return tensors;
  }

  /** Returns the network, as it is outside training, with joined ops. */
  Graph apply(Graph graph) {
    Graph folded = folded(graph);
    return sums ? Fusion.residuals(folded) : folded;
  }

  private Graph folded(Graph graph) {
    Map<Value, Value> normalized = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof BatchNorm2dInference) {
        normalized.put(node.inputs().get(0), node.output());
      }
    }
    List<Node> nodes = new ArrayList<>();
    List<Value> made = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node fold = folds.get(node.name());
      if (fold != null) {
        List<Value> inputs = new ArrayList<>(List.of(node.inputs().get(0)));
        inputs.addAll(fold.outputs());
        Value result = normalized.get(node.output());
        made.add(result);
        nodes.add(new Node(node.name(), node.op(), inputs, List.of(result)));
      } else if (!made.contains(node.output())) {
        nodes.add(node);
      }
    }
    return graph.withNodes(nodes);
  }
}
