package dev.lamina.bench.peers.engine;

import dev.lamina.tensor.Shape;
import java.util.List;

/**
 * A network as every engine must build it: its input, its classes, its trained parameters in order.
 *
 * <p>The parameters are the contract between the engines: each engine takes its initial weights
 * from this list, by place, and fails if it holds other shapes.
 *
 * @param name the name on the command line
 * @param image shape of one sample, {@code [c,h,w]}
 * @param classes number of logits
 * @param learningRate with which the loss falls from the first steps on
 * @param parameters trained parameters from the input to the output, each layer's weight before its
 *     bias, each residual block's main path before its projection; convolution weights are {@code
 *     [out,in,h,w]}, linear weights {@code [out,in]}
 */
public record Network(
    String name, Shape image, int classes, float learningRate, List<Parameter> parameters) {

  private static final List<Network> ALL =
      List.of(
          NetworkDeclaration.lenet5(),
          NetworkDeclaration.cifarAlexNet(),
          NetworkDeclaration.cifarResNet18(),
          NetworkDeclaration.resNet50());

  /**
   * One trained tensor.
   *
   * @param centre what its initial values lie around: 0 but for the scales of normalisations
   */
  public record Parameter(String name, Shape shape, float centre) {}

  /** Copies the parameter list. */
  public Network {
    parameters = List.copyOf(parameters);
  }

  /**
   * Returns the network of a name.
   *
   * @throws IllegalArgumentException if there is none, with the names there are
   */
  public static Network named(String name) {
    return ALL.stream()
        .filter(network -> network.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown network '" + name + "'; there are: " + String.join(", ", names())));
  }

  /** Returns the names of all networks. */
  public static List<String> names() {
    return ALL.stream().map(Network::name).toList();
  }

  /** Returns the number of trained values. */
  public long parameterCount() {
    return parameters.stream().mapToLong(parameter -> parameter.shape().elements()).sum();
  }
}
