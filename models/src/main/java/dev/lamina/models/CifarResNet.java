package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Initializer;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.Optional;

/**
 * The narrow residual networks for CIFAR-10 with {@code 6 n + 2} layers: three stages of n blocks
 * with 16, 32 and 64 channels. Where the channels double, the shortcut takes every second pixel and
 * adds channels of zeros, without parameters.
 *
 * <p>Source: He et al., "Deep residual learning for image recognition", 2015, section 4.2, option
 * A. Convolutions start as He et al., "Delving deep into rectifiers", 2015; the last layer as
 * PyTorch's.
 */
public final class CifarResNet {
  private final GraphBuilder g;

  private CifarResNet(GraphBuilder g) {
    this.g = g;
  }

  /** Builds ResNet-20; 269,722 parameters for 3x32x32 and 10 classes. */
  public static Graph resNet20(SampleSpec samples) {
    return graph("cifar-resnet20", samples, 3);
  }

  /** Builds ResNet-56; 853,018 parameters for 3x32x32 and 10 classes. */
  public static Graph resNet56(SampleSpec samples) {
    return graph("cifar-resnet56", samples, 9);
  }

  private static Graph graph(String name, SampleSpec samples, int blocks) {
    GraphBuilder g = new GraphBuilder(name);
    Value x = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    CifarResNet network = new CifarResNet(g);
    x = g.relu(network.normalized("conv1", "bn1", x, 16, 1));
    for (int stage = 0; stage < 3; stage++) {
      for (int block = 0; block < blocks; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        x = network.block("layer%d.%d".formatted(stage + 1, block), x, 16 << stage, stride);
      }
    }
    return g.build(g.linear("fc", g.globalAvgPool2d("avgpool", x), samples.classes()));
  }

  private Value block(String name, Value x, int channels, int stride) {
    Value y = g.relu(normalized(name + ".conv1", name + ".bn1", x, channels, stride));
    y = normalized(name + ".conv2", name + ".bn2", y, channels, 1);
    Value shortcut = x;
    if (stride > 1) {
      Value sparse = g.maxPool2d(name + ".every_second", x, Window.of(1).stride(stride));
      int missing = channels - x.spec().shape().size(1);
      shortcut = g.padChannels(name + ".pad", sparse, missing);
    }
    return g.relu(g.add(name + ".add", y, shortcut));
  }

  private Value normalized(String conv, String norm, Value x, int filters, int stride) {
    Window window = Window.of(3).stride(stride).pad(1);
    Initializer weight = Initializer.heNormal((long) filters * window.area());
    return g.batchNorm2d(norm, g.conv2d(conv, x, filters, window, 1, weight, Optional.empty()));
  }
}
