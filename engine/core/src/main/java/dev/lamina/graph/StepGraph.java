package dev.lamina.graph;

import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.Op;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model's graph with what a step puts around it: samples gathered and normalised in front, loss
 * and gradients (training), loss (evaluation) or probabilities (prediction) behind.
 *
 * @param graph all ops; inputs are {@link #SAMPLES}, {@link #LABELS} (not for prediction), {@link
 *     #TABLES} and {@link #CURSOR}
 * @param rows rows of the batch this graph handles
 * @param cell loss cell; empty for prediction
 * @param probabilities class probabilities {@code [rows, classes]}; only for prediction
 * @param gradients by parameter value; empty unless training
 */
public record StepGraph(
    Graph graph,
    int rows,
    Optional<Value> cell,
    Optional<Value> probabilities,
    Map<Value, Value> gradients) {
  /** Name of the input that holds samples to gather from. */
  public static final String SAMPLES = "samples";

  /** Name of the input that holds labels to gather from. */
  public static final String LABELS = "labels";

  /** Name of the input that holds the step tables. */
  public static final String TABLES = "tables";

  /** Name of the input that holds the cursor. */
  public static final String CURSOR = "cursor";

  /** What a step is for. */
  public enum Purpose {
    /** Loss and gradients. */
    TRAINING,
    /** Loss only. */
    EVALUATION,
    /** Probabilities, no labels. */
    PREDICTION
  }

  /**
   * Where samples come from, how they enter the network, and what is made of its results.
   *
   * @param source spec {@code [s, c, h, w]} of what is gathered from
   * @param scale factor on stored values
   * @param mean mean per channel of the scaled values
   * @param deviation standard deviation per channel of the scaled values
   * @param tables spec of the step tables
   * @param loss what is measured, and made small by training
   * @param augmentation how samples are varied in training
   */
  public record Feed(
      TensorSpec source,
      float scale,
      List<Float> mean,
      List<Float> deviation,
      TensorSpec tables,
      Loss loss,
      Augmentation augmentation) {
    /** Makes a feed for plain cross-entropy on samples as they are. */
    public Feed(
        TensorSpec source,
        float scale,
        List<Float> mean,
        List<Float> deviation,
        TensorSpec tables) {
      this(source, scale, mean, deviation, tables, Loss.crossEntropy(), Augmentation.NONE);
    }

    /** The stored values that are nearest to the mean. */
    private List<Integer> means() {
      return mean.stream()
          .map(value -> Math.max(0, Math.min(255, Math.round(value / scale))))
          .toList();
    }
  }

  /** Builds the graph of one lane of a step that folds nothing. */
  public static StepGraph of(
      Graph model, Feed feed, Purpose purpose, int firstRow, int rows, int batch) {
    return of(model, feed, purpose, firstRow, rows, batch, Folding.none());
  }

  /**
   * Builds the graph of one lane of a step.
   *
   * @param model from images to logits, at any batch size
   * @param firstRow first row of the batch that this lane handles
   * @param rows rows that this lane handles
   * @param batch rows of the whole batch, over which the loss is averaged
   * @param folding the model's, for evaluation and prediction; who runs the graph makes the folded
   *     values
   */
  public static StepGraph of(
      Graph model, Feed feed, Purpose purpose, int firstRow, int rows, int batch, Folding folding) {
    Graph rowed = model.withBatch(rows);
    if (purpose == Purpose.TRAINING) {
      checkStatistics(rowed);
    }
    Value samples = new Value(SAMPLES, feed.source());
    Value labels = new Value(LABELS, TensorSpec.i32(feed.source().dim(0)));
    Value tables = new Value(TABLES, feed.tables());
    Value cursor = new Value(CURSOR, StepTable.cursor());
    Graph forward =
        Fusion.activations(
            purpose == Purpose.TRAINING
                ? withRandomness(rowed, firstRow, tables, cursor)
                : folding.apply(withoutTraining(rowed)));
    List<Value> inputs = new ArrayList<>(List.of(samples, tables, cursor));
    List<Node> nodes = new ArrayList<>();
    GatherSamples gather =
        new GatherSamples(firstRow, rows, feed.scale(), feed.mean(), feed.deviation());
    List<Value> gathered = List.of(samples, tables, cursor);
    TensorSpec fed = gather.infer(gathered.stream().map(Value::spec).toList()).get(0);
    if (!fed.equals(forward.input().spec())) {
      throw new ShapeException(
          "model "
              + model.name()
              + " takes "
              + forward.input().spec()
              + ", but the samples are "
              + fed);
    }
    if (purpose == Purpose.TRAINING && !feed.augmentation().isNone()) {
      AugmentSamples augment =
          new AugmentSamples(firstRow, rows, feed.augmentation(), feed.means());
      List<TensorSpec> specs = gathered.stream().map(Value::spec).toList();
      Value varied = new Value("augment_samples", augment.infer(specs).get(0));
      nodes.add(new Node("augment_samples", augment, gathered, List.of(varied)));
      Op normalize = new NormalizeSamples(feed.scale(), feed.mean(), feed.deviation());
      List<Value> inputsOfModel = List.of(forward.input());
      nodes.add(new Node("normalize_samples", normalize, List.of(varied), inputsOfModel));
    } else {
      nodes.add(new Node("gather_samples", gather, gathered, List.of(forward.input())));
    }
    nodes.addAll(forward.nodes());
    Value logits = forward.output();
    Map<Value, Value> gradients = Map.of();
    List<Value> outputs = new ArrayList<>();
    Value cell = null;
    Value probabilities = null;
    if (purpose == Purpose.PREDICTION) {
      probabilities = new Value("softmax", logits.spec());
      nodes.add(new Node("softmax", new Softmax(), List.of(logits), List.of(probabilities)));
      outputs.add(probabilities);
    } else {
      inputs.add(labels);
      Value picked = new Value("gather_labels", TensorSpec.i32(rows));
      nodes.add(
          new Node(
              "gather_labels",
              new GatherLabels(firstRow, rows),
              List.of(labels, tables, cursor),
              List.of(picked)));
      boolean training = purpose == Purpose.TRAINING;
      Op loss = feed.loss().op(training ? batch : 0);
      loss.infer(List.of(logits.spec(), picked.spec()));
      cell = new Value("loss", TensorSpec.f32(SoftmaxCrossEntropy.CELL));
      Value seed = new Value("loss#1", logits.spec());
      nodes.add(
          new Node(
              "loss",
              loss,
              List.of(logits, picked),
              training ? List.of(cell, seed) : List.of(cell)));
      outputs.add(cell);
      if (training) {
        Differentiation.Result backward = Differentiation.run(forward, seed);
        nodes.addAll(backward.nodes());
        gradients = backward.gradients();
        outputs.addAll(gradients.values());
      }
    }
    Graph graph =
        new Graph(
            model.name(),
            inputs,
            model.parameters(),
            model.statistics(),
            Fusion.reluBeforePooling(nodes),
            outputs);
    return new StepGraph(
        Fusion.unsavedPooling(graph),
        rows,
        Optional.ofNullable(cell),
        Optional.ofNullable(probabilities),
        Collections.unmodifiableMap(gradients));
  }

  /** Puts in place of each op what it is outside training. */
  static Graph withoutTraining(Graph graph) {
    List<Node> nodes = new ArrayList<>();
    Map<Value, Value> passed = new HashMap<>();
    for (Node node : graph.nodes()) {
      List<Value> inputs = replaced(node.inputs(), passed);
      Optional<Op> op = node.op().inference();
      if (op.isEmpty()) {
        passed.put(node.output(), inputs.get(0));
        continue;
      }
      int outputs = op.get().infer(inputs.stream().map(Value::spec).toList()).size();
      nodes.add(new Node(node.name(), op.get(), inputs, node.outputs().subList(0, outputs)));
    }
    return graph.withNodes(nodes, replaced(graph.outputs(), passed));
  }

  private static List<Value> replaced(List<Value> values, Map<Value, Value> by) {
    return values.stream().map(value -> by.getOrDefault(value, value)).toList();
  }

  /** Gives ops that draw random numbers the place of their rows and what the draws depend on. */
  private static Graph withRandomness(Graph graph, int firstRow, Value tables, Value cursor) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Optional<Op> drawing = node.op().atRow(firstRow);
      if (drawing.isEmpty()) {
        nodes.add(node);
        continue;
      }
      List<Value> inputs = new ArrayList<>(node.inputs());
      inputs.addAll(List.of(tables, cursor));
      nodes.add(new Node(node.name(), drawing.get(), inputs, node.outputs()));
    }
    return graph.withNodes(nodes, graph.outputs());
  }

  /** Statistics of one value say nothing, so such a batch would only do harm. */
  private static void checkStatistics(Graph graph) {
    for (Node node : graph.nodes()) {
      TensorSpec x = node.op().joinsRows() ? node.inputs().get(0).spec() : null;
      if (x != null && x.elements() == x.dim(1)) {
        throw new ShapeException(
            node.place()
                + " would see one value a channel in training ("
                + x
                + "); choose a batch size that leaves no batch of one sample, or larger images");
      }
    }
  }
}
