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
 * AlexNet: five convolutions, three poolings, fully connected 4096, 4096, classes. Weights start as
 * PyTorch's do.
 *
 * <p>Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014,
 * after Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012.
 */
public final class AlexNet {
  private AlexNet() {}

  /**
   * Builds the network for samples of at least 63x63, with torchvision's names; 61,100,840
   * parameters for 3x224x224 and 1,000 classes.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph imageNet(SampleSpec samples) {
    return imageNet(samples, ModelOptions.defaults());
  }

  /**
   * Builds the network; dropout, none unless asked for and 0.5 as published, stands before the
   * first and second fully connected layers.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph imageNet(SampleSpec samples, ModelOptions options) {
    GraphBuilder g = new GraphBuilder("alexnet");
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    Window pool = Window.of(3).stride(2);
    x = options.activate(g, g.conv2d("features.0", x, 64, Window.of(11).stride(4).pad(2)));
    x = g.maxPool2d("features.2", x, pool);
    x = options.activate(g, g.conv2d("features.3", x, 192, Window.of(5).pad(2)));
    x = g.maxPool2d("features.5", x, pool);
    x = options.activate(g, g.conv2d("features.6", x, 384, Window.of(3).pad(1)));
    x = options.activate(g, g.conv2d("features.8", x, 256, Window.of(3).pad(1)));
    x = options.activate(g, g.conv2d("features.10", x, 256, Window.of(3).pad(1)));
    x = g.maxPool2d("features.12", x, pool);
    x = options.activate(g, g.linear("classifier.1", options.drop(g, x), 4096));
    x = options.activate(g, g.linear("classifier.4", options.drop(g, x), 4096));
    return g.build(g.linear("classifier.6", x, samples.classes()));
  }

  /**
   * Builds the form for small images, of at least 15x15, whose three last convolutions all have 384
   * filters; 27,279,882 parameters for 3x32x32 and 10 classes.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph small(SampleSpec samples) {
    return small(samples, ModelOptions.defaults());
  }

  /**
   * Builds the form for small images; dropout, none unless asked for, stands before the second and
   * third fully connected layers.
   *
   * @throws ShapeException if the images are too small; the message names the layer
   */
  public static Graph small(SampleSpec samples, ModelOptions options) {
    GraphBuilder g = new GraphBuilder("cifar-alexnet");
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    Window pool = Window.of(2).stride(2);
    x = options.activate(g, g.conv2d("conv1", x, 96, Window.of(5).stride(2).pad(2)));
    x = g.maxPool2d("pool1", x, pool);
    x = options.activate(g, g.conv2d("conv2", x, 256, Window.of(5).pad(2)));
    x = g.maxPool2d("pool2", x, pool);
    for (int layer = 3; layer <= 5; layer++) {
      x = options.activate(g, g.conv2d("conv" + layer, x, 384, Window.of(3).pad(1)));
    }
    x = g.maxPool2d("pool5", x, pool);
    x = options.drop(g, options.activate(g, g.linear("fc1", x, 4096)));
    x = options.drop(g, options.activate(g, g.linear("fc2", x, 4096)));
    return g.build(g.linear("fc3", x, samples.classes()));
  }
}
