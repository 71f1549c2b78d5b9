package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;

/**
 * A baseline to compare others with: three 3x3 convolutions (32, 64, 128 filters), each pooled 2x2,
 * then fully connected 256, classes. Weights start as PyTorch's do.
 */
public final class SmallCnn {
  private SmallCnn() {}

  /**
   * Builds the network for samples of at least 8x8; 620,362 parameters for 3x32x32 and 10 classes.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph graph(SampleSpec samples) {
    return graph(samples, ModelOptions.defaults());
  }

  /**
   * Builds the network; dropout, none of its own, stands before the last layer.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph graph(SampleSpec samples, ModelOptions options) {
    GraphBuilder g = new GraphBuilder("small-cnn");
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    for (int layer = 1; layer <= 3; layer++) {
      x = options.activate(g, g.conv2d("conv" + layer, x, 16 << layer, Window.of(3).pad(1)));
      x = g.maxPool2d("pool" + layer, x, Window.of(2).stride(2));
    }
    x = options.drop(g, options.activate(g, g.linear("fc1", x, 256)));
    return g.build(g.linear("fc2", x, samples.classes()));
  }
}
