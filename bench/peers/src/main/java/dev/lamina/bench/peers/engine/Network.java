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
 * @param parameters trained parameters from the input to the output, each layer's weight before its
 *     bias; convolution weights are {@code [out,in,h,w]}, linear weights {@code [out,in]}
 */
public record Network(String name, Shape image, int classes, List<Parameter> parameters) {

  /** LeNet-5 with ReLU and max pooling, for 28×28 grey images: 61,706 parameters. */
  private static final Network LENET5 =
      new Network(
          "lenet5",
          Shape.of(1, 28, 28),
          10,
          List.of(
              new Parameter("conv1.weight", Shape.of(6, 1, 5, 5)),
              new Parameter("conv1.bias", Shape.of(6)),
              new Parameter("conv2.weight", Shape.of(16, 6, 5, 5)),
              new Parameter("conv2.bias", Shape.of(16)),
              new Parameter("fc1.weight", Shape.of(120, 400)),
              new Parameter("fc1.bias", Shape.of(120)),
              new Parameter("fc2.weight", Shape.of(84, 120)),
              new Parameter("fc2.bias", Shape.of(84)),
              new Parameter("fc3.weight", Shape.of(10, 84)),
              new Parameter("fc3.bias", Shape.of(10))));

  private static final List<Network> ALL = List.of(LENET5);

  /** One trained tensor. */
  public record Parameter(String name, Shape shape) {}

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
