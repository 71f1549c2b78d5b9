package dev.lamina.models;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.naming.Names;
import dev.lamina.tensor.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The models by the names users type. Immutable and thread-safe; loads no native library. */
public final class ModelCatalog {
  private static final Pattern MLP = Pattern.compile("mlp(-[1-9][0-9]{0,6}){1,32}");

  private static final List<ModelProvider> MODELS =
      List.of(
          new Optioned(
              "lenet5",
              "LeNet-5: two 5x5 convolutions with pooling, fully connected 120, 84, classes",
              LeNet5::graph),
          new Optioned(
              "mlp",
              "fully connected 256, 128, classes; mlp-N-M... sets other hidden widths",
              (samples, options) -> Mlp.graph(samples, List.of(256, 128), options)),
          new Optioned(
              "small-cnn",
              "three 3x3 convolutions with pooling, fully connected 256, classes",
              SmallCnn::graph),
          new Optioned(
              "cifar-alexnet",
              "AlexNet for 32x32 images; --dropout 0.5 as published",
              AlexNet::small),
          new Plain(
              "cifar-resnet18",
              "ResNet-18 for 32x32 images: 3x3 stem, no pooling",
              ResNet::cifarResNet18),
          new Plain(
              "cifar-resnet20",
              "ResNet-20 for 32x32 images, of 16 to 64 channels",
              CifarResNet::resNet20),
          new Plain(
              "cifar-resnet56",
              "ResNet-56 for 32x32 images, of 16 to 64 channels",
              CifarResNet::resNet56),
          new Optioned(
              "alexnet",
              "AlexNet for 224x224 images; --dropout 0.5 as published",
              AlexNet::imageNet),
          new Optioned(
              "vgg16", "VGG16 for 224x224 images; --dropout 0.5 as published", Vgg16::plain),
          new Optioned(
              "vgg16-bn",
              "VGG16 for 224x224 images, with batch normalisation; --dropout 0.5 as published",
              Vgg16::normalized),
          new Plain("resnet18", "ResNet-18 for 224x224 images", ResNet::resNet18),
          new Plain("resnet34", "ResNet-34 for 224x224 images", ResNet::resNet34),
          new Plain("resnet50", "ResNet-50 for 224x224 images", ResNet::resNet50),
          new Plain("resnet101", "ResNet-101 for 224x224 images", ResNet::resNet101),
          new Plain("shufflenet-v2", "ShuffleNetV2 x1.0 for 224x224 images", ShuffleNetV2::x1));

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
      return new Optioned(
          name,
          "fully connected " + hidden + ", classes",
          (samples, options) -> Mlp.graph(samples, hidden, options));
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

  /** A network without options. */
  private record Plain(String name, String description, Function<SampleSpec, Graph> function)
      implements ModelProvider {
    @Override
    public Graph graph(SampleSpec samples) {
      return built(name, samples, () -> function.apply(samples));
    }
  }

  /** A network with options. */
  private record Optioned(
      String name, String description, BiFunction<SampleSpec, ModelOptions, Graph> function)
      implements ModelProvider {
    @Override
    public Graph graph(SampleSpec samples) {
      return graph(samples, ModelOptions.defaults());
    }

    @Override
    public Graph graph(SampleSpec samples, ModelOptions options) {
      return built(name, samples, () -> function.apply(samples, options));
    }
  }

  private static Graph built(String name, SampleSpec samples, Supplier<Graph> function) {
    try {
      return function.get();
    } catch (ShapeException misfit) {
      throw new ShapeException(
          "model " + name + " does not fit samples " + samples + ": " + misfit.getMessage());
    }
  }
}
