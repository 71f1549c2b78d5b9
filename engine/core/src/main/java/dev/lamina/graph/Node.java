package dev.lamina.graph;

import dev.lamina.op.Op;
import java.util.List;

/**
 * One op in its place.
 *
 * @param name unique in the graph, for example {@code conv1} or {@code conv1/backward_data}
 * @param op the operation
 * @param inputs what it reads
 * @param outputs what it makes
 */
public record Node(String name, Op op, List<Value> inputs, List<Value> outputs) {
  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Returns the first output. */
  public Value output() {
    return outputs.get(0);
  }

  /** Returns {@code conv2d "conv1"}, the way messages point at a node. */
  public String place() {
    return op.name() + " \"" + name + "\"";
  }
}
