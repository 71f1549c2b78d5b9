package dev.lamina.bench.ops;

import dev.lamina.data.SampleSpec;
import dev.lamina.device.OpCall;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Node;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.models.ModelCatalog;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The calls of a model's training step, as the step graph has them, and its update. */
final class ShapeList {
  private static final int SLOTS = 4;
  private static final int SOURCE_SAMPLES = 1024;

  private final String model;
  private final int batch;
  private final SampleSpec samples;
  private final Graph graph;

  private ShapeList(String model, int batch) {
    this.model = model;
    this.batch = batch;
    samples = samples(model);
    graph = ModelCatalog.find(model).graph(samples);
  }

  /**
   * Returns the cases of a list; equal calls are one case.
   *
   * @param name a model of the catalogue, or {@code odd}
   * @param batch rows of a model's batch
   * @param lanes lanes among which a device may share a batch
   * @throws dev.lamina.models.UnknownModelException if there is no such model
   */
  static List<Case> of(String name, int batch, int lanes) {
    return name.equals(OddShapes.NAME)
        ? OddShapes.cases()
        : new ShapeList(name, batch).cases(batch % lanes == 0 ? lanes : 1);
  }

  private static SampleSpec samples(String model) {
    if (model.startsWith("cifar")) {
      return SampleSpec.of(DataType.U8, 3, 32, 32, 10);
    }
    return model.equals("lenet5") || model.startsWith("mlp") || model.equals("small-cnn")
        ? SampleSpec.of(DataType.U8, 1, 28, 28, 10)
        : SampleSpec.of(DataType.U8, 3, 224, 224, 1000);
  }

  private List<Case> cases(int lanes) {
    List<Node> whole = step(batch);
    List<Node> shares = step(batch / lanes);
    boolean joined = whole.stream().anyMatch(node -> node.op().joinsRows());
    Set<Value> opaque = new HashSet<>();
    Map<OpCall, Case> cases = new LinkedHashMap<>();
    for (int i = 0; i < whole.size(); i++) {
      Node node = whole.get(i);
      OpCall call = call(node, 1);
      OpCall share = joined || lanes == 1 ? call : call(shares.get(i), lanes);
      Set<Integer> closed = new HashSet<>();
      for (int input = 0; input < node.inputs().size(); input++) {
        if (opaque.contains(node.inputs().get(input))) {
          closed.add(input);
        }
      }
      node.op().opaque().forEach(output -> opaque.add(node.outputs().get(output)));
      cases.merge(
          call,
          new Case(model, node.name(), 1, call, share, closed),
          (first, second) -> first.again());
    }
    Case update = update(joined ? 1 : lanes);
    cases.put(update.call(), update);
    return List.copyOf(cases.values());
  }

  private List<Node> step(int rows) {
    List<Float> middle = Collections.nCopies(samples.channels(), 0.5f);
    List<Float> deviation = Collections.nCopies(samples.channels(), 0.25f);
    Feed feed =
        new Feed(
            new TensorSpec(samples.type(), samples.batch(SOURCE_SAMPLES)),
            1 / 255f,
            middle,
            deviation,
            StepTable.spec(SLOTS, batch));
    return StepGraph.of(graph, feed, Purpose.TRAINING, 0, rows, batch).graph().nodes();
  }

  private static OpCall call(Node node, int lanes) {
    TensorSpec[] inputs = node.inputs().stream().map(Value::spec).toArray(TensorSpec[]::new);
    return OpCall.of(node.op(), lanes, inputs);
  }

  /** Momentum on all parameters as one flat run; a lane's share of them has one gradient. */
  private Case update(int lanes) {
    OpCall call = update(graph.parameterCount(), 1);
    OpCall share = lanes == 1 ? call : update((graph.parameterCount() - 1) / lanes + 1, lanes);
    return new Case(model, "update", 1, call, share, Set.of());
  }

  private OpCall update(long parameters, int lanes) {
    SgdUpdate sgd = new SgdUpdate(0.9f, false, 0, 1, false);
    TensorSpec flat = TensorSpec.f32(parameters);
    List<TensorSpec> inputs = new ArrayList<>(Collections.nCopies(1 + sgd.states(), flat));
    inputs.add(StepTable.spec(SLOTS, batch));
    inputs.add(StepTable.cursor());
    inputs.add(flat);
    return OpCall.of(sgd, lanes, inputs.toArray(TensorSpec[]::new));
  }
}
