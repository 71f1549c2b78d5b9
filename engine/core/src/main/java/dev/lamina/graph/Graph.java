package dev.lamina.graph;

import dev.lamina.op.Conv2d;
import dev.lamina.op.Linear;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Ops in an order that respects who reads whom. Immutable; made by {@link GraphBuilder}. */
public final class Graph {
  private final String name;
  private final List<Value> inputs;
  private final List<Parameter> parameters;
  private final List<Parameter> statistics;
  private final List<Node> nodes;
  private final List<Value> outputs;

  Graph(
      String name,
      List<Value> inputs,
      List<Parameter> parameters,
      List<Parameter> statistics,
      List<Node> nodes,
      List<Value> outputs) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.parameters = List.copyOf(parameters);
    this.statistics = List.copyOf(statistics);
    this.nodes = List.copyOf(nodes);
    this.outputs = List.copyOf(outputs);
  }

  /** Returns the model's name. */
  public String name() {
    return name;
  }

  /** Returns what the graph is fed. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Returns what training changes, in the order of declaration. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Returns what the forward pass of training gathers for later use, such as running means, in the
   * order of declaration. It is saved with the parameters, but has no gradient.
   */
  public List<Parameter> statistics() {
    return statistics;
  }

  /** Returns a graph of the same inputs, parameters and results with other ops. */
  Graph withNodes(List<Node> changed) {
    return withNodes(changed, outputs);
  }

  /** Returns a graph of the same inputs and parameters with other ops and results. */
  Graph withNodes(List<Node> changed, List<Value> results) {
    return new Graph(name, inputs, parameters, statistics, changed, results);
  }

  /** Returns the ops in order. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Returns the results. */
  public List<Value> outputs() {
    return outputs;
  }

  /** Returns the only input; for models, the images {@code [n, c, h, w]}. */
  public Value input() {
    return only("input", inputs);
  }

  /** Returns the only result; for models, the logits {@code [n, classes]}. */
  public Value output() {
    return only("output", outputs);
  }

  /** Returns the number of values in all parameters. */
  public long parameterCount() {
    return parameters.stream().mapToLong(parameter -> parameter.value().spec().elements()).sum();
  }

  /**
   * Returns this graph with those parameters frozen whose names fit, the same values otherwise.
   *
   * @throws IllegalArgumentException if nothing would be left to learn
   */
  public Graph frozen(Predicate<String> names) {
    List<Parameter> changed =
        parameters.stream()
            .map(p -> new Parameter(p.value(), p.initializer(), p.decays(), names.test(p.name())))
            .toList();
    if (changed.stream().allMatch(Parameter::frozen)) {
      throw new IllegalArgumentException(
          "graph " + name + ": with all parameters frozen there is nothing to learn");
    }
    return new Graph(name, inputs, changed, statistics, nodes, outputs);
  }

  /** Returns the multiply-adds of convolutions, linear layers and matrix products. */
  public long multiplyAdds() {
    return nodes.stream()
        .filter(
            node ->
                node.op() instanceof Conv2d
                    || node.op() instanceof Linear
                    || node.op() instanceof MatMul)
        .mapToLong(node -> node.op().cost(specs(node.inputs()), specs(node.outputs())).flops() / 2)
        .sum();
  }

  /** Returns the bytes of the ops' first results together, as training keeps them. */
  public long activationBytes() {
    return nodes.stream().mapToLong(node -> node.output().spec().bytes()).sum();
  }

  private static List<TensorSpec> specs(List<Value> values) {
    return values.stream().map(Value::spec).toList();
  }

  /**
   * Returns this graph for another number of rows: extent 0 of every input is replaced and all
   * shapes are inferred anew. The parameters stay the same values.
   */
  public Graph withBatch(long rows) {
    GraphBuilder builder = new GraphBuilder(name);
    Map<Value, Value> moved = new HashMap<>();
    for (Value input : inputs) {
      Shape shape = input.spec().shape().with(0, rows);
      moved.put(input, builder.input(input.name(), new TensorSpec(input.spec().type(), shape)));
    }
    for (Parameter parameter : parameters) {
      builder.adopt(parameter);
      moved.put(parameter.value(), parameter.value());
    }
    for (Parameter statistic : statistics) {
      builder.adoptStatistic(statistic);
      moved.put(statistic.value(), statistic.value());
    }
    for (Node node : nodes) {
      Value[] read = node.inputs().stream().map(moved::get).toArray(Value[]::new);
      List<Value> made = builder.apply(node.name(), node.op(), read);
      for (int i = 0; i < made.size(); i++) {
        moved.put(node.outputs().get(i), made.get(i));
      }
    }
    List<Value> results = new ArrayList<>();
    outputs.forEach(output -> results.add(moved.get(output)));
    return builder.build(results.toArray(Value[]::new));
  }

  private Value only(String what, List<Value> values) {
    if (values.size() != 1) {
      throw new IllegalStateException(
          "graph " + name + " has " + values.size() + " " + what + "s, not one: " + values);
    }
    return values.get(0);
  }
}
