package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;

/**
 * ShuffleNetV2: blocks of which half of the channels pass through pointwise and depthwise
 * convolutions, after which the halves are mixed.
 *
 * <p>Source: Ma et al., "ShuffleNet V2: Practical guidelines for efficient CNN architecture
 * design", 2018. Parameters have torchvision's names and PyTorch's first values.
 */
public final class ShuffleNetV2 {
  private static final int STEM = 24;
  private static final int[] CHANNELS = {116, 232, 464};
  private static final int[] BLOCKS = {4, 8, 4};
  private static final int LAST = 1024;

  private final GraphBuilder g;

  private ShuffleNetV2(GraphBuilder g) {
    this.g = g;
  }

  /** Builds the network of width 1.0; 2,278,604 parameters for 3x224x224 and 1,000 classes. */
  public static Graph x1(SampleSpec samples) {
    GraphBuilder g = new GraphBuilder("shufflenet-v2");
    Value images = g.input("images", new TensorSpec(DataType.F32, samples.batch(1)));
    return g.build(new ShuffleNetV2(g).logits(images, samples.classes()));
  }

  private Value logits(Value images, int classes) {
    Window stem = Window.of(3).stride(2).pad(1);
    Value x = g.relu(normalized("conv1.", 0, images, STEM, stem, 1));
    x = g.maxPool2d("maxpool", x, stem);
    for (int stage = 0; stage < CHANNELS.length; stage++) {
      for (int block = 0; block < BLOCKS[stage]; block++) {
        String name = "stage%d.%d.".formatted(stage + 2, block);
        x = block == 0 ? narrowing(name, x, CHANNELS[stage] / 2) : keeping(name, x);
        x = g.shuffleChannels(name + "shuffle", x, 2);
      }
    }
    x = g.relu(normalized("conv5.", 0, x, LAST, Window.of(1), 1));
    return g.linear("fc", g.globalAvgPool2d("avgpool", x), classes);
  }

  /** Both branches see all channels, at half the resolution. */
  private Value narrowing(String name, Value x, int features) {
    int channels = x.spec().shape().size(1);
    Window depthwise = Window.of(3).stride(2).pad(1);
    String first = name + "branch1.";
    Value shortcut = normalized(first, 0, x, channels, depthwise, channels);
    shortcut = g.relu(normalized(first, 2, shortcut, features, Window.of(1), 1));
    return g.concatChannels(name + "concat", shortcut, branch(name, x, features, depthwise));
  }

  /** Half of the channels pass as they are. */
  private Value keeping(String name, Value x) {
    int half = x.spec().shape().size(1) / 2;
    Value kept = g.sliceChannels(name + "kept", x, 0, half);
    Value changed = g.sliceChannels(name + "changed", x, half, half);
    Window depthwise = Window.of(3).pad(1);
    return g.concatChannels(name + "concat", kept, branch(name, changed, half, depthwise));
  }

  private Value branch(String name, Value x, int features, Window depthwise) {
    String branch = name + "branch2.";
    Value y = g.relu(normalized(branch, 0, x, features, Window.of(1), 1));
    y = normalized(branch, 3, y, features, depthwise, features);
    return g.relu(normalized(branch, 5, y, features, Window.of(1), 1));
  }

  /** A convolution without bias, numbered as torchvision does, and a normalisation behind it. */
  private Value normalized(
      String prefix, int number, Value x, int filters, Window window, int groups) {
    Value y = g.conv2d(prefix + number, x, filters, window, groups, false);
    return g.batchNorm2d(prefix + (number + 1), y);
  }
}
