package dev.lamina.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Initializer;
import dev.lamina.graph.Parameter;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The networks whose sizes are published. */
class PublishedModelsTest {
  private static final SampleSpec CIFAR = SampleSpec.of(DataType.U8, 3, 32, 32, 10);
  private static final SampleSpec IMAGENET = SampleSpec.of(DataType.U8, 3, 224, 224, 1000);

  @ParameterizedTest
  @CsvSource({
    "resnet18, 224, 1000, 11689512",
    "resnet34, 224, 1000, 21797672",
    "resnet50, 224, 1000, 25557032",
    "resnet101, 224, 1000, 44549160",
    "cifar-resnet18, 32, 10, 11173962",
    "vgg16, 224, 1000, 138357544",
    "vgg16-bn, 224, 1000, 138365992",
    "alexnet, 224, 1000, 61100840",
    "cifar-alexnet, 32, 10, 27279882",
    "cifar-resnet20, 32, 10, 269722",
    "cifar-resnet56, 32, 10, 853018",
    "shufflenet-v2, 224, 1000, 2278604",
    "small-cnn, 32, 10, 620362",
    "small-cnn, 32, 2, 618306",
  })
  void hasThePublishedParameters(String name, int size, int classes, long parameters) {
    Graph graph = ModelCatalog.find(name).graph(SampleSpec.of(DataType.U8, 3, size, size, classes));
    assertEquals(name, graph.name());
    assertEquals(TensorSpec.f32(1, classes), graph.output().spec());
    assertEquals(parameters, graph.parameterCount());
    assertEquals(TensorSpec.f32(5, classes), graph.withBatch(5).output().spec());
  }

  /** Multiply-adds in thousand millions, as torchvision lists them. */
  @ParameterizedTest
  @CsvSource({
    "resnet18, 1.814",
    "resnet34, 3.664",
    "resnet50, 4.089",
    "resnet101, 7.801",
    "vgg16, 15.47",
    "vgg16-bn, 15.47",
    "alexnet, 0.714",
    "shufflenet-v2, 0.145",
  })
  void takesThePublishedWork(String name, double published) {
    double work = ModelCatalog.find(name).graph(IMAGENET).multiplyAdds() * 1e-9;
    assertEquals(published, work, 0.0006 + 0.0005 * published);
  }

  @ParameterizedTest
  @CsvSource({
    "resnet18, layer4.1.conv2.weight, '[512,512,3,3]'",
    "resnet18, layer2.0.downsample.0.weight, '[128,64,1,1]'",
    "resnet50, layer1.0.downsample.1.running_var, '[256]'",
    "resnet50, layer3.5.bn3.bias, '[1024]'",
    "cifar-resnet18, conv1.weight, '[64,3,3,3]'",
    "shufflenet-v2, stage2.0.branch1.0.weight, '[24,1,3,3]'",
    "shufflenet-v2, stage2.0.branch1.2.weight, '[58,24,1,1]'",
    "shufflenet-v2, stage3.7.branch2.3.weight, '[116,1,3,3]'",
    "shufflenet-v2, stage4.0.branch2.0.weight, '[232,232,1,1]'",
    "shufflenet-v2, conv5.1.running_mean, '[1024]'",
    "vgg16, features.28.weight, '[512,512,3,3]'",
    "vgg16-bn, features.40.weight, '[512,512,3,3]'",
    "vgg16-bn, features.41.running_mean, '[512]'",
    "vgg16, classifier.0.weight, '[4096,25088]'",
    "alexnet, features.10.weight, '[256,256,3,3]'",
    "alexnet, classifier.1.weight, '[4096,9216]'",
  })
  void namesItsTensorsAsTorchvisionDoes(String model, String tensor, String shape) {
    Graph graph = ModelCatalog.find(model).graph(IMAGENET);
    Map<String, Parameter> tensors = new HashMap<>();
    graph.parameters().forEach(parameter -> tensors.put(parameter.name(), parameter));
    graph.statistics().forEach(statistic -> tensors.put(statistic.name(), statistic));
    assertEquals(shape, tensors.get(tensor).value().spec().shape().toString());
  }

  @Test
  void startsFromThePublishedValues() {
    Map<String, Parameter> resnet = new HashMap<>();
    ResNet.resNet18(IMAGENET).parameters().forEach(p -> resnet.put(p.name(), p));
    assertEquals(Initializer.heNormal(64 * 49), resnet.get("conv1.weight").initializer());
    assertEquals(Initializer.constant(1), resnet.get("bn1.weight").initializer());
    assertEquals(Initializer.fanIn(512), resnet.get("fc.weight").initializer());
    Map<String, Parameter> vgg = new HashMap<>();
    Vgg16.plain(IMAGENET).parameters().forEach(p -> vgg.put(p.name(), p));
    assertEquals(Initializer.heNormal(64 * 9), vgg.get("features.0.weight").initializer());
    assertEquals(Initializer.constant(0), vgg.get("features.0.bias").initializer());
    assertEquals(0.01f, vgg.get("classifier.6.weight").initializer().scale());
    assertTrue(resnet.get("conv1.weight").decays() && !resnet.get("bn1.weight").decays());
  }

  @Test
  void resNetsTakeAnySize() {
    for (int size : new int[] {1, 33, 97}) {
      SampleSpec samples = SampleSpec.of(DataType.U8, 1, size, size + 3, 7);
      assertEquals(TensorSpec.f32(1, 7), ResNet.resNet18(samples).output().spec());
      assertEquals(TensorSpec.f32(1, 7), ResNet.cifarResNet18(samples).output().spec());
    }
    assertEquals(TensorSpec.f32(1, 10), ResNet.resNet50(CIFAR).output().spec());
  }

  @ParameterizedTest
  @CsvSource({
    "alexnet, 62, features.12",
    "cifar-alexnet, 14, pool5",
    "vgg16, 31, features.30",
    "small-cnn, 7, pool3"
  })
  void refusesTooSmallImagesByLayer(String model, int size, String layer) {
    SampleSpec tiny = SampleSpec.of(DataType.U8, 3, size, size, 10);
    ShapeException refused =
        assertThrows(ShapeException.class, () -> ModelCatalog.find(model).graph(tiny));
    assertTrue(refused.getMessage().contains("\"" + layer + "\""), refused.getMessage());
    SampleSpec enough = SampleSpec.of(DataType.U8, 3, size + 1, size + 1, 10);
    assertEquals(10, ModelCatalog.find(model).graph(enough).output().spec().dim(1));
  }
}
