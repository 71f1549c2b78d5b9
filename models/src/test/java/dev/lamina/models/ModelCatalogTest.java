package dev.lamina.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.op.Activation;
import dev.lamina.op.Dropout;
import dev.lamina.op.Relu;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogTest {
  private static final SampleSpec DIGITS = SampleSpec.of(DataType.U8, 1, 28, 28, 10);

  private static final SampleSpec PHOTOS = SampleSpec.of(DataType.U8, 3, 224, 224, 10);

  @Test
  void takesDropoutWhereThereIsSome() {
    SampleSpec samples = SampleSpec.of(DataType.U8, 3, 32, 32, 10);
    ModelOptions half = ModelOptions.defaults().withDropout(0.5f);
    Graph plain = ModelCatalog.find("cifar-alexnet").graph(samples);
    Graph graph = ModelCatalog.find("cifar-alexnet").graph(samples, half);
    assertEquals(plain.parameterCount(), graph.parameterCount());
    List<String> dropouts =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Dropout)
            .map(node -> node.inputs().get(0).name())
            .toList();
    assertEquals(List.of("fc1/relu", "fc2/relu"), dropouts);
    ModelOptionException refused =
        assertThrows(
            ModelOptionException.class, () -> ModelCatalog.find("resnet18").graph(samples, half));
    assertEquals("model resnet18 has no dropout", refused.getMessage());
    ModelOptions smooth = ModelOptions.defaults().withActivation(Activation.tanh());
    assertThrows(
        ModelOptionException.class, () -> ModelCatalog.find("resnet18").graph(samples, smooth));
    for (String name : List.of("lenet5", "mlp-5", "small-cnn", "cifar-alexnet")) {
      Graph bent = ModelCatalog.find(name).graph(samples, smooth);
      assertTrue(bent.nodes().stream().anyMatch(node -> node.op() instanceof Activation), name);
      assertTrue(bent.nodes().stream().noneMatch(node -> node.op() instanceof Relu), name);
    }
    assertThrows(IllegalArgumentException.class, () -> ModelOptions.defaults().withDropout(1));
  }

  @Test
  void findsAndBuildsEveryListedModel() {
    List<ModelProvider> models = ModelCatalog.models();
    assertEquals(
        models.size(), new HashSet<>(models.stream().map(ModelProvider::name).toList()).size());
    for (ModelProvider model : models) {
      assertEquals(model, ModelCatalog.find(model.name()));
      assertFalse(model.description().isBlank());
      assertEquals(10, model.graph(PHOTOS).output().spec().dim(1));
    }
  }

  @Test
  void readsHiddenWidthsFromThePerceptronsName() {
    ModelProvider model = ModelCatalog.find("mlp-300-100");
    assertEquals("mlp-300-100", model.name());
    assertEquals(266_610, model.graph(DIGITS).parameterCount());
  }

  @Test
  void suggestsTheNearestName() {
    UnknownModelException unknown =
        assertThrows(UnknownModelException.class, () -> ModelCatalog.find("lenet"));
    String message = unknown.getMessage();
    assertTrue(message.startsWith("unknown model lenet (there are lenet5, mlp, "), message);
    assertTrue(message.endsWith("; did you mean lenet5?"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlp-", "mlp-0", "mlp-3-", "mlp-99999999999", "MLP-3", ""})
  void takesNoOtherSpelling(String name) {
    assertThrows(UnknownModelException.class, () -> ModelCatalog.find(name));
  }

  @Test
  void saysWhichModelDoesNotFitWhichSamples() {
    SampleSpec tiny = SampleSpec.of(DataType.U8, 1, 6, 6, 10);
    ShapeException misfit =
        assertThrows(ShapeException.class, () -> ModelCatalog.find("lenet5").graph(tiny));
    assertEquals(
        "model lenet5 does not fit samples u8 1x6x6, 10 classes: conv2d \"conv2\": window 5x5"
            + " stride 1x1 pad 0x0 is larger than the padded input [1,6,3,3]",
        misfit.getMessage());
  }
}
