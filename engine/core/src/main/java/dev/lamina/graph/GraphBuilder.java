package dev.lamina.graph;

import dev.lamina.op.Add;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.ConcatChannels;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Dropout;
import dev.lamina.op.Linear;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.Op;
import dev.lamina.op.PadChannels;
import dev.lamina.op.Relu;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.op.Window;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a graph down, op by op. Shapes are checked at once, and errors name the layer.
 *
 * <pre>{@code
 * GraphBuilder g = new GraphBuilder("tiny");
 * Value x = g.input("image", TensorSpec.f32(1, 1, 28, 28));
 * x = g.relu(g.conv2d("conv1", x, 6, Window.of(5).pad(2)));
 * Graph graph = g.build(g.linear("fc", x, 10));
 * }</pre>
 */
public final class GraphBuilder {
  private final String graph;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<Parameter> statistics = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Set<Value> known = new HashSet<>();
  private int dropouts;

  /** Starts a graph of that name. */
  public GraphBuilder(String name) {
    this.graph = name;
  }

  /** Declares something the graph is fed. */
  public Value input(String name, TensorSpec spec) {
    Value value = value(claim(name), spec);
    inputs.add(value);
    return value;
  }

  /** Declares a parameter. */
  public Value parameter(String name, TensorSpec spec, Initializer initializer, boolean decays) {
    Value value = value(claim(name), spec);
    parameters.add(new Parameter(value, initializer, decays));
    return value;
  }

  /** Declares a statistic: what ops gather in training, saved with the parameters. */
  public Value statistic(String name, TensorSpec spec, Initializer initializer) {
    Value value = value(claim(name), spec);
    statistics.add(new Parameter(value, initializer, false));
    return value;
  }

  /** Takes over a parameter of another graph, which stays the same parameter. */
  void adopt(Parameter parameter) {
    claim(parameter.name());
    known.add(parameter.value());
    parameters.add(parameter);
  }

  /** Takes over a statistic of another graph, which stays the same statistic. */
  void adoptStatistic(Parameter statistic) {
    claim(statistic.name());
    known.add(statistic.value());
    statistics.add(statistic);
  }

  /**
   * Adds an op and returns its outputs.
   *
   * @param name unique in the graph
   * @throws ShapeException if the inputs do not fit; the message starts with op and name
   */
  public List<Value> apply(String name, Op op, Value... operands) {
    claim(name);
    List<TensorSpec> specs = new ArrayList<>();
    for (Value operand : operands) {
      if (!known.contains(operand)) {
        throw new IllegalArgumentException(
            op.name() + " \"" + name + "\": input " + operand + " is not of graph " + graph);
      }
      specs.add(operand.spec());
    }
    List<TensorSpec> inferred;
    try {
      inferred = op.infer(specs);
    } catch (ShapeException misfit) {
      String text = misfit.getMessage();
      String prefix = op.name() + ": ";
      throw new ShapeException(
          op.name()
              + " \""
              + name
              + "\": "
              + (text.startsWith(prefix) ? text.substring(prefix.length()) : text));
    }
    List<Value> outputs = new ArrayList<>();
    for (int i = 0; i < inferred.size(); i++) {
      outputs.add(value(i == 0 ? name : name + "#" + i, inferred.get(i)));
    }
    nodes.add(new Node(name, op, List.of(operands), outputs));
    return List.copyOf(outputs);
  }

  /** Adds a dense convolution with bias and PyTorch's default initialisation. */
  public Value conv2d(String name, Value x, int filters, Window window) {
    return conv2d(name, x, filters, window, 1, true);
  }

  /** Adds a convolution of {@code filters} filters with PyTorch's default initialisation. */
  public Value conv2d(String name, Value x, int filters, Window window, int groups, boolean bias) {
    images(name, x);
    Initializer values = Initializer.fanIn(Math.max(1, x.spec().dim(1) / groups * window.area()));
    Optional<Initializer> shift = bias ? Optional.of(values) : Optional.empty();
    return conv2d(name, x, filters, window, groups, values, shift);
  }

  /**
   * Adds a convolution of {@code filters} filters.
   *
   * @param weight first values of the weights
   * @param bias first values of the bias; empty for a convolution without
   */
  public Value conv2d(
      String name,
      Value x,
      int filters,
      Window window,
      int groups,
      Initializer weight,
      Optional<Initializer> bias) {
    images(name, x);
    positive(name, "filter", filters);
    long channels = Math.max(1, x.spec().dim(1) / groups);
    TensorSpec spec = TensorSpec.f32(filters, channels, window.height(), window.width());
    Value weights = parameter(name + ".weight", spec, weight, true);
    Op op = new Conv2d(window, groups, false);
    if (bias.isEmpty()) {
      return apply(name, op, x, weights).get(0);
    }
    return apply(name, op, x, weights, bias(name, filters, bias.get())).get(0);
  }

  /**
   * Adds a fully connected layer with bias and PyTorch's default initialisation; {@code x} is
   * flattened after its first extent.
   */
  public Value linear(String name, Value x, int features) {
    Initializer values = Initializer.fanIn(x.spec().elements() / x.spec().dim(0));
    return linear(name, x, features, values, values);
  }

  /**
   * Adds a fully connected layer; {@code x} is flattened after its first extent.
   *
   * @param weight first values of the weights
   * @param bias first values of the bias
   */
  public Value linear(String name, Value x, int features, Initializer weight, Initializer bias) {
    positive(name, "feature", features);
    TensorSpec spec = TensorSpec.f32(features, x.spec().elements() / x.spec().dim(0));
    Value weights = parameter(name + ".weight", spec, weight, true);
    return apply(name, new Linear(), x, weights, bias(name, features, bias)).get(0);
  }

  /** Adds a rectifier, named after what it follows. */
  public Value relu(Value x) {
    return apply(x.name() + "/relu", new Relu(), x).get(0);
  }

  /** Adds a nonlinearity of one input, named after what it follows. */
  public Value activate(Value x, Op op) {
    return apply(x.name() + "/" + op.name(), op, x).get(0);
  }

  /**
   * Adds a dropout, named after what it follows; with a probability of 0 there is none.
   *
   * @param probability of leaving an element out; at least 0 and below 1
   */
  public Value dropout(Value x, float probability) {
    if (probability == 0) {
      return x;
    }
    return apply(x.name() + "/dropout", new Dropout(probability, dropouts++, 0), x).get(0);
  }

  /** Adds a maximum pooling. */
  public Value maxPool2d(String name, Value x, Window window) {
    images(name, x);
    return apply(name, new MaxPool2d(window), x).get(0);
  }

  /** Adds a mean pooling that leaves padding out of the mean. */
  public Value avgPool2d(String name, Value x, Window window) {
    images(name, x);
    return apply(name, new AvgPool2d(window, false), x).get(0);
  }

  /** Adds a local response normalisation over so many channels, with PyTorch's defaults. */
  public Value localResponseNorm(String name, Value x, int size) {
    images(name, x);
    return apply(name, new LocalResponseNorm(size), x).get(0);
  }

  /** Adds a mean over the whole image: {@code [n, c, 1, 1]}. */
  public Value globalAvgPool2d(String name, Value x) {
    images(name, x);
    int height = x.spec().shape().size(2);
    return avgPool2d(name, x, Window.of(height, x.spec().shape().size(3)));
  }

  /**
   * Adds a batch normalisation with PyTorch's defaults and names: scale {@code NAME.weight} (1 at
   * first) and shift {@code NAME.bias} (0), which do not decay; statistics {@code
   * NAME.running_mean} (0) and {@code NAME.running_var} (1).
   */
  public Value batchNorm2d(String name, Value x) {
    images(name, x);
    TensorSpec perChannel = TensorSpec.f32(x.spec().dim(1));
    Initializer one = Initializer.constant(1);
    Initializer zero = Initializer.constant(0);
    return apply(
            name,
            new BatchNorm2d(),
            x,
            parameter(name + ".weight", perChannel, one, false),
            parameter(name + ".bias", perChannel, zero, false),
            statistic(name + ".running_mean", perChannel, zero),
            statistic(name + ".running_var", perChannel, one))
        .get(0);
  }

  /** Adds a sum of two values of one shape: the end of a residual connection. */
  public Value add(String name, Value x, Value y) {
    return apply(name, new Add(), x, y).get(0);
  }

  /** Puts the channels of images of one size one behind the other. */
  public Value concatChannels(String name, Value... images) {
    return apply(name, new ConcatChannels(), images).get(0);
  }

  /** Takes {@code count} channels from {@code first} on. */
  public Value sliceChannels(String name, Value x, int first, int count) {
    return apply(name, new SliceChannels(first, count), x).get(0);
  }

  /** Adds channels of zeros behind the last. */
  public Value padChannels(String name, Value x, int after) {
    return apply(name, new PadChannels(0, after), x).get(0);
  }

  /** Mixes the channels of groups. */
  public Value shuffleChannels(String name, Value x, int groups) {
    return apply(name, new ShuffleChannels(groups), x).get(0);
  }

  /** Ends the graph; inputs, parameters and ops are taken as declared. */
  public Graph build(Value... outputs) {
    return new Graph(graph, inputs, parameters, statistics, nodes, List.of(outputs));
  }

  private Value bias(String layer, long extent, Initializer initializer) {
    return parameter(layer + ".bias", TensorSpec.f32(extent), initializer, false);
  }

  private void positive(String name, String what, int count) {
    if (count < 1) {
      throw new ShapeException(
          "\"" + name + "\" in graph " + graph + ": needs at least one " + what + ", not " + count);
    }
  }

  private void images(String name, Value x) {
    if (x.spec().shape().rank() != 4) {
      throw new ShapeException(
          "\"" + name + "\" in graph " + graph + ": input must be [n,c,h,w], but is " + x.spec());
    }
  }

  private Value value(String name, TensorSpec spec) {
    Value value = new Value(name, spec);
    known.add(value);
    return value;
  }

  private String claim(String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException(
          "graph " + graph + ": the name \"" + name + "\" is used twice");
    }
    return name;
  }
}
