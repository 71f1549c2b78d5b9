package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Multi-layer perceptron: fully connected layers with rectifiers between them, for images of any
 * size. Weights start as PyTorch's do.
 */
public final class Mlp {
  private Mlp() {}

  /**
   * Builds the network.
   *
   * @param hidden widths of the hidden layers, first to last; none makes a linear classifier
   * @throws ShapeException if a width is not positive
   */
  public static Graph graph(SampleSpec samples, List<Integer> hidden) {
    return graph(samples, hidden, ModelOptions.defaults());
  }

  /**
   * Builds the network; dropout, none of its own, stands after each hidden layer.
   *
   * @param hidden widths of the hidden layers, first to last; none makes a linear classifier
   * @throws ShapeException if a width is not positive
   */
  public static Graph graph(SampleSpec samples, List<Integer> hidden, ModelOptions options) {
    GraphBuilder g = new GraphBuilder("mlp");
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    int layer = 1;
    for (int width : hidden) {
      x = options.drop(g, options.activate(g, g.linear("fc" + layer++, x, width)));
    }
    return g.build(g.linear("fc" + layer, x, samples.classes()));
  }
}
