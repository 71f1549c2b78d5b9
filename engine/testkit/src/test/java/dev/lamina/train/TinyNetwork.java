package dev.lamina.train;

import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** A network and data so small that the reference trains them in milliseconds. */
final class TinyNetwork {
  static final SampleSpec SPEC = SampleSpec.of(DataType.U8, 1, 6, 6, 3);
  static final Normalization NORMALIZATION = Normalization.pixels(List.of(0.4f), List.of(0.3f));

  private TinyNetwork() {}

  static Graph graph() {
    return graph(0);
  }

  static Graph graph(float dropout) {
    GraphBuilder g = new GraphBuilder("tiny");
    Value x = g.input("image", TensorSpec.f32(1, 1, 6, 6));
    x = g.relu(g.conv2d("conv1", x, 3, Window.of(3).pad(1)));
    x = g.maxPool2d("pool1", x, Window.of(2).stride(2));
    x = g.dropout(g.relu(g.linear("fc1", g.dropout(x, dropout), 5)), dropout);
    return g.build(g.linear("fc2", x, 3));
  }

  /** Noise in which the row of the bright bar is the class. */
  static InMemoryDataset dataset(int size) {
    Philox random = new Philox(7, 3);
    byte[] pixels = new byte[size * SPEC.elements()];
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = random.below(3, 1, i);
      for (int p = 0; p < SPEC.elements(); p++) {
        boolean bar = p / 6 / 2 == labels[i];
        pixels[i * SPEC.elements() + p] =
            (byte) (random.below(80, 2, (long) i * SPEC.elements() + p) + (bar ? 150 : 0));
      }
    }
    return InMemoryDataset.ofPixels("bars", SPEC, NORMALIZATION, pixels, labels);
  }
}
