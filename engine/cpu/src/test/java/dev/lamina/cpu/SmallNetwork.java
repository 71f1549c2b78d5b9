package dev.lamina.cpu;

import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** One convolution, and noise to train it on. */
final class SmallNetwork {
  private SmallNetwork() {}

  static Graph graph(int size, int filters, Window window) {
    GraphBuilder g = new GraphBuilder("small");
    Value x = g.input("image", TensorSpec.f32(1, 1, size, size));
    x = g.relu(g.conv2d("conv1", x, filters, window));
    x = g.maxPool2d("pool1", x, Window.of(2).stride(2));
    return g.build(g.linear("fc1", x, 10));
  }

  static Dataset dataset(int size, int samples) {
    byte[] pixels = new byte[samples * size * size];
    int[] labels = new int[samples];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 31 + i / 7);
    }
    for (int i = 0; i < samples; i++) {
      labels[i] = i % 10;
    }
    return InMemoryDataset.ofPixels(
        "noise",
        SampleSpec.of(DataType.U8, 1, size, size, 10),
        Normalization.pixels(List.of(0.5f), List.of(0.5f)),
        pixels,
        labels);
  }
}
