package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.naming.Names;
import dev.lamina.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The models by the names users type. Immutable and thread-safe; loads no native library. */
public final class ModelCatalog {
  private static final Pattern MLP = Pattern.compile("mlp(-[1-9][0-9]{0,6}){1,32}");

  private static final List<ModelProvider> MODELS =
      List.of(
          new Entry(
              "lenet5",
              "LeNet-5: two 5x5 convolutions with pooling, fully connected 120, 84, classes",
              LeNet5::graph),
          new Entry(
              "mlp",
              "fully connected 256, 128, classes; mlp-N-M... sets other hidden widths",
              samples -> Mlp.graph(samples, List.of(256, 128))),
          new Entry(
              "small-cnn",
              "three 3x3 convolutions with pooling, fully connected 256, classes",
              SmallCnn::graph),
          new Entry("cifar-alexnet", "AlexNet for 32x32 images, without dropout", AlexNet::small),
          new Entry(
              "cifar-resnet18",
              "ResNet-18 for 32x32 images: 3x3 stem, no pooling",
              ResNet::cifarResNet18),
          new Entry("alexnet", "AlexNet for 224x224 images, without dropout", AlexNet::imageNet),
          new Entry("vgg16", "VGG16 for 224x224 images, without dropout", Vgg16::plain),
          new Entry(
              "vgg16-bn",
              "VGG16 for 224x224 images, with batch normalisation, without dropout",
              Vgg16::normalized),
          new Entry("resnet18", "ResNet-18 for 224x224 images", ResNet::resNet18),
          new Entry("resnet34", "ResNet-34 for 224x224 images", ResNet::resNet34),
          new Entry("resnet50", "ResNet-50 for 224x224 images", ResNet::resNet50),
          new Entry("resnet101", "ResNet-101 for 224x224 images", ResNet::resNet101));

  private ModelCatalog() {}

  /** Returns the models in the order in which to list them. */
  public static List<ModelProvider> models() {
    return MODELS;
  }

  /**
   * Returns the model of that name.
   *
   * @param name a listed name, or {@code mlp-300-100} for a perceptron with such hidden widths
   * @throws UnknownModelException if there is none; the message suggests the nearest
   */
  public static ModelProvider find(String name) {
    for (ModelProvider model : MODELS) {
      if (model.name().equals(name)) {
        return model;
      }
    }
    if (MLP.matcher(name).matches()) {
      List<Integer> hidden = new ArrayList<>();
      for (String width : name.substring("mlp-".length()).split("-")) {
        hidden.add(Integer.parseInt(width));
      }
      return new Entry(
          name, "fully connected " + hidden + ", classes", samples -> Mlp.graph(samples, hidden));
    }
    List<String> names = MODELS.stream().map(ModelProvider::name).toList();
    throw new UnknownModelException(
        "unknown model "
            + name
            + " (there are "
            + String.join(", ", names)
            + ")"
            + Names.suggestion(name, names));
  }

  private record Entry(String name, String description, Function<SampleSpec, Graph> function)
      implements ModelProvider {
    @Override
    public Graph graph(SampleSpec samples) {
      try {
        return function.apply(samples);
      } catch (ShapeException misfit) {
        throw new ShapeException(
            "model " + name + " does not fit samples " + samples + ": " + misfit.getMessage());
      }
    }
  }
}
