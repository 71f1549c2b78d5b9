package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Initializer;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * Residual networks: stages of blocks whose input is added to their output, each stage at half the
 * resolution and with twice the channels of the one before.
 *
 * <p>Source: He et al., "Deep residual learning for image recognition", 2015. The stride of a
 * bottleneck lies in its 3x3 convolution, as in torchvision, whose names the parameters have.
 * Convolutions start as He et al., "Delving deep into rectifiers", 2015, by fan out; normalisations
 * with scale 1 and shift 0; the last layer as PyTorch's.
 */
public final class ResNet {
  /** Channels that a bottleneck gives for each it computes on. */
  private static final int EXPANSION = 4;

  private final GraphBuilder g;
  private final boolean bottleneck;

  private ResNet(String name, boolean bottleneck) {
    this.g = new GraphBuilder(name);
    this.bottleneck = bottleneck;
  }

  /** ResNet-18 for ImageNet: 7x7 stem with stride 2 and pooling; 11,689,512 parameters. */
  public static Graph resNet18(SampleSpec samples) {
    return new ResNet("resnet18", false).imageNet(samples, List.of(2, 2, 2, 2));
  }

  /** ResNet-34 for ImageNet; 21,797,672 parameters. */
  public static Graph resNet34(SampleSpec samples) {
    return new ResNet("resnet34", false).imageNet(samples, List.of(3, 4, 6, 3));
  }

  /** ResNet-50 for ImageNet, of bottlenecks; 25,557,032 parameters. */
  public static Graph resNet50(SampleSpec samples) {
    return new ResNet("resnet50", true).imageNet(samples, List.of(3, 4, 6, 3));
  }

  /** ResNet-101 for ImageNet, of bottlenecks; 44,549,160 parameters. */
  public static Graph resNet101(SampleSpec samples) {
    return new ResNet("resnet101", true).imageNet(samples, List.of(3, 4, 23, 3));
  }

  /**
   * ResNet-18 for small images: its stem is one 3x3 convolution, without pooling; 11,173,962
   * parameters for 3x32x32 and 10 classes.
   */
  public static Graph cifarResNet18(SampleSpec samples) {
    return new ResNet("cifar-resnet18", false).small(samples, List.of(2, 2, 2, 2));
  }

  private Graph imageNet(SampleSpec samples, List<Integer> blocks) {
    Value x = input(samples);
    x = g.relu(normalized("conv1", "bn1", x, 64, Window.of(7).stride(2).pad(3)));
    x = g.maxPool2d("maxpool", x, Window.of(3).stride(2).pad(1));
    return stages(x, blocks, samples.classes());
  }

  private Graph small(SampleSpec samples, List<Integer> blocks) {
    Value x = g.relu(normalized("conv1", "bn1", input(samples), 64, Window.of(3).pad(1)));
    return stages(x, blocks, samples.classes());
  }

  private Value input(SampleSpec samples) {
    return g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
  }

  private Graph stages(Value x, List<Integer> blocks, int classes) {
    for (int stage = 0; stage < blocks.size(); stage++) {
      for (int block = 0; block < blocks.get(stage); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        x = block("layer%d.%d".formatted(stage + 1, block), x, 64 << stage, stride);
      }
    }
    return g.build(g.linear("fc", g.globalAvgPool2d("avgpool", x), classes));
  }

  private Value block(String name, Value x, int channels, int stride) {
    int results = bottleneck ? channels * EXPANSION : channels;
    Value y = x;
    if (bottleneck) {
      y = g.relu(normalized(name + ".conv1", name + ".bn1", y, channels, Window.of(1)));
      Window middle = Window.of(3).stride(stride).pad(1);
      y = g.relu(normalized(name + ".conv2", name + ".bn2", y, channels, middle));
      y = normalized(name + ".conv3", name + ".bn3", y, results, Window.of(1));
    } else {
      Window first = Window.of(3).stride(stride).pad(1);
      y = g.relu(normalized(name + ".conv1", name + ".bn1", y, channels, first));
      y = normalized(name + ".conv2", name + ".bn2", y, results, Window.of(3).pad(1));
    }
    Value shortcut = x;
    if (stride > 1 || x.spec().dim(1) != results) {
      String projection = name + ".downsample.";
      Window window = Window.of(1).stride(stride);
      shortcut = normalized(projection + "0", projection + "1", x, results, window);
    }
    return g.relu(g.add(name + ".add", y, shortcut));
  }

  private Value normalized(String conv, String norm, Value x, int filters, Window window) {
    Initializer weight = Initializer.heNormal((long) filters * window.area());
    return g.batchNorm2d(norm, g.conv2d(conv, x, filters, window, 1, weight, Optional.empty()));
  }
}
