package dev.lamina.bench.peers.engine;

import dev.lamina.bench.peers.engine.Network.Parameter;
import dev.lamina.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes down the parameters of the networks, layer by layer, apart from the engines that build
 * them.
 */
final class NetworkDeclaration {
  /**
   * About what the last normalisation of a residual branch scales by: at 1, sixteen branches one
   * after the other leave inference with one class of probability 1, whatever an engine computed.
   */
  private static final float BRANCH = 0.2f;

  private final List<Parameter> parameters = new ArrayList<>();

  private NetworkDeclaration() {}

  /** LeNet-5 with ReLU and max pooling, for 28x28 grey images: 61,706 parameters. */
  static Network lenet5() {
    NetworkDeclaration d = new NetworkDeclaration();
    d.convolution("conv1", 6, 1, 5).bias("conv1", 6);
    d.convolution("conv2", 16, 6, 5).bias("conv2", 16);
    d.linear("fc1", 120, 400).linear("fc2", 84, 120).linear("fc3", 10, 84);
    return d.network("lenet5", Shape.of(1, 28, 28), 10, 0.01f);
  }

  /** AlexNet for 32x32 colour images: 27,279,882 parameters. */
  static Network cifarAlexNet() {
    NetworkDeclaration d = new NetworkDeclaration();
    int[] filters = {3, 96, 256, 384, 384, 384};
    int[] extents = {0, 5, 5, 3, 3, 3};
    for (int layer = 1; layer <= 5; layer++) {
      String name = "conv" + layer;
      d.convolution(name, filters[layer], filters[layer - 1], extents[layer]);
      d.bias(name, filters[layer]);
    }
    d.linear("fc1", 4096, 384 * 2 * 2).linear("fc2", 4096, 4096).linear("fc3", 10, 4096);
    return d.network("cifar-alexnet", Shape.of(3, 32, 32), 10, 0.0001f);
  }

  /** ResNet-18 with a 3x3 stem, for 32x32 colour images: 11,173,962 parameters. */
  static Network cifarResNet18() {
    NetworkDeclaration d = new NetworkDeclaration();
    d.normalized("conv1", "bn1", 64, 3, 3);
    d.residual(new int[] {2, 2, 2, 2}, false);
    d.linear("fc", 10, 512);
    return d.network("cifar-resnet18", Shape.of(3, 32, 32), 10, 0.01f);
  }

  /** ResNet-50 for 224x224 colour images and 1,000 classes: 25,557,032 parameters. */
  static Network resNet50() {
    NetworkDeclaration d = new NetworkDeclaration();
    d.normalized("conv1", "bn1", 64, 3, 7);
    d.residual(new int[] {3, 4, 6, 3}, true);
    d.linear("fc", 1000, 2048);
    return d.network("resnet50", Shape.of(3, 224, 224), 1000, 0.01f);
  }

  private void residual(int[] blocks, boolean bottleneck) {
    int inputs = 64;
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = 64 << stage;
      int outputs = bottleneck ? 4 * width : width;
      for (int block = 0; block < blocks[stage]; block++) {
        String name = "layer%d.%d.".formatted(stage + 1, block);
        if (bottleneck) {
          normalized(name + "conv1", name + "bn1", width, inputs, 1);
          normalized(name + "conv2", name + "bn2", width, width, 3);
          normalized(name + "conv3", name + "bn3", outputs, width, 1, BRANCH);
        } else {
          normalized(name + "conv1", name + "bn1", width, inputs, 3);
          normalized(name + "conv2", name + "bn2", outputs, width, 3, BRANCH);
        }
        if (inputs != outputs) {
          normalized(name + "downsample.0", name + "downsample.1", outputs, inputs, 1);
        }
        inputs = outputs;
      }
    }
  }

  private NetworkDeclaration convolution(String name, int filters, int channels, int extent) {
    parameters.add(new Parameter(name + ".weight", Shape.of(filters, channels, extent, extent), 0));
    return this;
  }

  private NetworkDeclaration bias(String name, int outputs) {
    parameters.add(new Parameter(name + ".bias", Shape.of(outputs), 0));
    return this;
  }

  private NetworkDeclaration linear(String name, int outputs, int inputs) {
    parameters.add(new Parameter(name + ".weight", Shape.of(outputs, inputs), 0));
    return bias(name, outputs);
  }

  private void normalized(String convolution, String norm, int filters, int channels, int extent) {
    normalized(convolution, norm, filters, channels, extent, 1);
  }

  private void normalized(
      String convolution, String norm, int filters, int channels, int extent, float scale) {
    convolution(convolution, filters, channels, extent);
    parameters.add(new Parameter(norm + ".weight", Shape.of(filters), scale));
    bias(norm, filters);
  }

  private Network network(String name, Shape image, int classes, float learningRate) {
    return new Network(name, image, classes, learningRate, parameters);
  }
}
