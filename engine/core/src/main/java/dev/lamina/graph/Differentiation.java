package dev.lamina.graph;

import dev.lamina.op.Add;
import dev.lamina.op.GradientEmitter;
import dev.lamina.op.Op;
import dev.lamina.op.Operand;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reverse-mode differentiation: walks a graph backward and lets each op emit its gradient. */
final class Differentiation {
  private final List<Node> backward = new ArrayList<>();
  private final Map<Value, Value> gradients = new HashMap<>();
  private final Set<Value> wanted = new HashSet<>();

  private Differentiation() {}

  /**
   * Result of differentiating.
   *
   * @param nodes the backward ops, in order
   * @param gradients gradient of each parameter that learns, in the order of the graph's parameters
   */
  record Result(List<Node> nodes, Map<Value, Value> gradients) {}

  /**
   * Differentiates with respect to the parameters that are not frozen.
   *
   * @param seed gradient of the graph's output
   */
  static Result run(Graph graph, Value seed) {
    Differentiation walk = new Differentiation();
    List<Parameter> learning = graph.parameters().stream().filter(p -> !p.frozen()).toList();
    learning.forEach(parameter -> walk.wanted.add(parameter.value()));
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(walk.wanted::contains)) {
        walk.wanted.addAll(node.outputs());
      }
    }
    walk.gradients.put(graph.output(), seed);
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      boolean reached = node.outputs().stream().anyMatch(walk.gradients::containsKey);
      if (reached && node.inputs().stream().anyMatch(walk.wanted::contains)) {
        walk.differentiate(node);
      }
    }
    Map<Value, Value> ofParameters = new LinkedHashMap<>();
    for (Parameter parameter : learning) {
      Value gradient = walk.gradients.get(parameter.value());
      if (gradient == null) {
        throw new IllegalArgumentException(
            "graph "
                + graph.name()
                + ": parameter "
                + parameter.name()
                + " does not influence the result");
      }
      ofParameters.put(parameter.value(), gradient);
    }
    return new Result(walk.backward, ofParameters);
  }

  private void differentiate(Node node) {
    try {
      node.op().gradient(new Emitter(node));
    } catch (UnsupportedOpException none) {
      throw new UnsupportedOpException(node.place() + ": " + none.getMessage());
    }
  }

  private void accumulate(Node node, int position, Value target, Value gradient) {
    Value before = gradients.get(target);
    if (before == null) {
      gradients.put(target, gradient);
    } else {
      String name = node.name() + "/sum_gradients" + position;
      gradients.put(target, emit(name, new Add(), before, gradient)[0]);
    }
  }

  private Value[] emit(String name, Op op, Value... inputs) {
    List<TensorSpec> specs = new ArrayList<>();
    for (Value input : inputs) {
      specs.add(input.spec());
    }
    List<TensorSpec> inferred = op.infer(specs);
    Value[] outputs = new Value[inferred.size()];
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = new Value(i == 0 ? name : name + "#" + i, inferred.get(i));
    }
    backward.add(new Node(name, op, List.of(inputs), List.of(outputs)));
    return outputs;
  }

  private final class Emitter implements GradientEmitter {
    private final Node node;

    Emitter(Node node) {
      this.node = node;
    }

    @Override
    public Operand input(int position) {
      return node.inputs().get(position);
    }

    @Override
    public int inputs() {
      return node.inputs().size();
    }

    @Override
    public Operand output(int position) {
      return node.outputs().get(position);
    }

    @Override
    public Operand outputGradient(int position) {
      Value gradient = gradients.get(node.outputs().get(position));
      if (gradient == null) {
        throw new UnsupportedOpException(
            "the result depends on other outputs than %s, whose gradient is asked for"
                .formatted(node.outputs().get(position).name()));
      }
      return gradient;
    }

    @Override
    public boolean wants(int position) {
      return wanted.contains(node.inputs().get(position));
    }

    @Override
    public Operand[] emit(String role, Op op, Operand... inputs) {
      Value[] values = new Value[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        values[i] = (Value) inputs[i];
      }
      return Differentiation.this.emit(node.name() + "/" + role, op, values);
    }

    @Override
    public void gradient(int position, Operand value) {
      accumulate(node, position, node.inputs().get(position), (Value) value);
    }
  }
}
