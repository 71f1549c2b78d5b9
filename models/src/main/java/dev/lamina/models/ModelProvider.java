package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.tensor.ShapeException;

/** A network that has a name and can be built for given samples. */
public interface ModelProvider {
  /** Returns the name users type: lower case, digits and hyphens. */
  String name();

  /** Returns one line for lists. */
  String description();

  /**
   * Builds the network, from images {@code [1, channels, height, width]} to logits {@code [1,
   * classes]}; {@link Graph#withBatch} gives it for other numbers of rows.
   *
   * @throws ShapeException if the network cannot take such samples; the message names the layer
   */
  Graph graph(SampleSpec samples);

  /**
   * Builds the network with options; one that has none takes only {@link ModelOptions#defaults()}.
   *
   * @throws ModelOptionException if an option is given that the network does not have
   * @throws ShapeException if the network cannot take such samples; the message names the layer
   */
  default Graph graph(SampleSpec samples, ModelOptions options) {
    if (options.dropout().isPresent()) {
      throw new ModelOptionException("model " + name() + " has no dropout");
    }
    if (options.activation().isPresent()) {
      throw new ModelOptionException("model " + name() + " has no choice of activation");
    }
    return graph(samples);
  }
}
