package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Initializer;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.Optional;

/**
 * VGG16: thirteen 3x3 convolutions in five groups, each pooled 2x2, then fully connected 4096,
 * 4096, classes. Dropout, none unless asked for and 0.5 as published, stands before the second and
 * third of them.
 *
 * <p>Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
 * recognition", 2014, configuration D. Parameters have torchvision's names and first values:
 * convolutions as He et al. by fan out, fully connected layers normal with deviation 0.01, biases
 * 0.
 */
public final class Vgg16 {
  private static final int[][] GROUPS = {
    {64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}
  };

  private static final Initializer ZERO = Initializer.constant(0);
  private static final Initializer SMALL = new Initializer(Initializer.Distribution.NORMAL, 0.01f);

  private Vgg16() {}

  /**
   * Builds the network for samples of at least 32x32; 138,357,544 parameters for 3x224x224 and
   * 1,000 classes.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph plain(SampleSpec samples) {
    return plain(samples, ModelOptions.defaults());
  }

  /**
   * Builds the network with options.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph plain(SampleSpec samples, ModelOptions options) {
    return graph("vgg16", samples, false, options);
  }

  /**
   * Builds the network with a batch normalisation after each convolution, for samples of at least
   * 32x32; 138,365,992 parameters for 3x224x224 and 1,000 classes.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph normalized(SampleSpec samples) {
    return normalized(samples, ModelOptions.defaults());
  }

  /**
   * Builds the network with a batch normalisation after each convolution, with options.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph normalized(SampleSpec samples, ModelOptions options) {
    return graph("vgg16-bn", samples, true, options);
  }

  private static Graph graph(
      String name, SampleSpec samples, boolean normalized, ModelOptions options) {
    GraphBuilder g = new GraphBuilder(name);
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    // torchvision numbers all layers, those without parameters too
    int layer = 0;
    for (int[] group : GROUPS) {
      for (int filters : group) {
        Initializer weight = Initializer.heNormal(9L * filters);
        Window window = Window.of(3).pad(1);
        x = g.conv2d("features." + layer++, x, filters, window, 1, weight, Optional.of(ZERO));
        if (normalized) {
          x = g.batchNorm2d("features." + layer++, x);
        }
        x = options.activate(g, x);
        layer++;
      }
      x = g.maxPool2d("features." + layer++, x, Window.of(2).stride(2));
    }
    x = options.drop(g, options.activate(g, g.linear("classifier.0", x, 4096, SMALL, ZERO)));
    x = options.drop(g, options.activate(g, g.linear("classifier.3", x, 4096, SMALL, ZERO)));
    return g.build(g.linear("classifier.6", x, samples.classes(), SMALL, ZERO));
  }
}
