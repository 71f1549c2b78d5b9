package dev.lamina.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.op.Relu;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class MlpTest {
  private static final SampleSpec DIGITS = SampleSpec.of(DataType.U8, 1, 28, 28, 10);

  @Test
  void chainsItsHiddenLayers() {
    Graph graph = Mlp.graph(DIGITS, List.of(300, 100));
    assertEquals(784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10, graph.parameterCount());
    assertEquals(TensorSpec.f32(1, 10), graph.output().spec());
    assertEquals(2, graph.nodes().stream().filter(node -> node.op() instanceof Relu).count());
  }

  @Test
  void isALinearClassifierWithoutHiddenLayers() {
    Graph graph = Mlp.graph(DIGITS, List.of());
    assertEquals(7850, graph.parameterCount());
    assertEquals(1, graph.nodes().size());
  }

  @Test
  void refusesAnEmptyLayer() {
    ShapeException refused =
        assertThrows(ShapeException.class, () -> Mlp.graph(DIGITS, List.of(300, 0)));
    assertEquals("\"fc2\" in graph mlp: needs at least one feature, not 0", refused.getMessage());
  }
}
