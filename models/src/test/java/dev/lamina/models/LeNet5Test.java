package dev.lamina.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Node;
import dev.lamina.graph.Parameter;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeNet5Test {
  @ParameterizedTest
  @CsvSource({
    // channels, height, width, classes, parameters, height and width after the second pooling
    "1, 28, 28, 10, 61706, 5, 5",
    "1, 32, 32, 10, 61706, 5, 5",
    "3, 32, 32, 10, 62006, 5, 5",
    "1, 28, 28, 47, 64851, 5, 5",
    "1, 30, 31, 10, 61706, 5, 5",
    "1, 12, 12, 10, 15626, 1, 1",
    "1, 24, 64, 10, 113546, 4, 13",
  })
  void hasThePublishedParameters(
      int channels, int height, int width, int classes, long parameters, int rows, int columns) {
    Graph graph = LeNet5.graph(SampleSpec.of(DataType.U8, channels, height, width, classes));
    assertEquals(TensorSpec.f32(1, channels, height, width), graph.input().spec());
    assertEquals(TensorSpec.f32(1, classes), graph.output().spec());
    assertEquals(TensorSpec.f32(1, 16, rows, columns), node(graph, "pool2").output().spec());
    assertEquals(parameters, graph.parameterCount());
  }

  @Test
  void namesItsParametersAsPyTorchDoes() {
    Graph graph = LeNet5.graph(SampleSpec.of(DataType.U8, 1, 28, 28, 10));
    assertEquals(
        List.of(
            "conv1.weight f32[6,1,5,5]",
            "conv1.bias f32[6]",
            "conv2.weight f32[16,6,5,5]",
            "conv2.bias f32[16]",
            "fc1.weight f32[120,400]",
            "fc1.bias f32[120]",
            "fc2.weight f32[84,120]",
            "fc2.bias f32[84]",
            "fc3.weight f32[10,84]",
            "fc3.bias f32[10]"),
        graph.parameters().stream().map(Parameter::value).map(Object::toString).toList());
  }

  @Test
  void takesAnyNumberOfRows() {
    Graph graph = LeNet5.graph(SampleSpec.of(DataType.U8, 1, 28, 28, 10)).withBatch(64);
    assertEquals(TensorSpec.f32(64, 10), graph.output().spec());
    assertEquals(61706, graph.parameterCount());
  }

  @ParameterizedTest
  @CsvSource({"6, 6, conv2", "11, 28, pool2", "28, 11, pool2"})
  void refusesTooSmallImagesByLayer(int height, int width, String layer) {
    SampleSpec samples = SampleSpec.of(DataType.U8, 1, height, width, 10);
    ShapeException refused = assertThrows(ShapeException.class, () -> LeNet5.graph(samples));
    assertTrue(refused.getMessage().contains("\"" + layer + "\""), refused.getMessage());
  }

  private static Node node(Graph graph, String name) {
    return graph.nodes().stream().filter(node -> node.name().equals(name)).findFirst().get();
  }
}
