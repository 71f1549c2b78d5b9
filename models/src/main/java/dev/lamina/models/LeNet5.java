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
 * LeNet-5 with the rectifiers and maximum poolings of today: two 5x5 convolutions (6 and 16
 * filters), each pooled 2x2, then fully connected 120, 84, classes.
 *
 * <p>Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, whose
 * input is 32x32. Weights start as PyTorch's do.
 */
public final class LeNet5 {
  private LeNet5() {}

  /**
   * Builds the network for samples of at least 12x12.
   *
   * <p>Smaller images are padded towards 32x32, by at most 2 on a side: 28x28 and 32x32 both reach
   * the first fully connected layer as 16x5x5 (61,706 parameters for 1x28x28 and 10 classes).
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph graph(SampleSpec samples) {
    return graph(samples, ModelOptions.defaults());
  }

  /**
   * Builds the network; dropout, none of its own, stands before the second and third fully
   * connected layers.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph graph(SampleSpec samples, ModelOptions options) {
    TensorSpec images = new TensorSpec(DataType.F32, samples.batch(1));
    GraphBuilder g = new GraphBuilder("lenet5");
    Value x = g.input("images", images);
    Window first = Window.of(5).pad(padding(samples.height()), padding(samples.width()));
    x = options.activate(g, g.conv2d("conv1", x, 6, first));
    x = g.maxPool2d("pool1", x, Window.of(2).stride(2));
    x = options.activate(g, g.conv2d("conv2", x, 16, Window.of(5)));
    x = g.maxPool2d("pool2", x, Window.of(2).stride(2));
    x = options.drop(g, options.activate(g, g.linear("fc1", x, 120)));
    x = options.drop(g, options.activate(g, g.linear("fc2", x, 84)));
    return g.build(g.linear("fc3", x, samples.classes()));
  }

  private static int padding(int extent) {
    int missing = (32 - extent + 1) / 2;
    return Math.max(0, Math.min(2, missing));
  }
}
