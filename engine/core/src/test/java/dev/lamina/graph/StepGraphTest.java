package dev.lamina.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.op.Linear;
import dev.lamina.op.Op;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a step puts around and into a model's graph. */
class StepGraphTest {
  private static final int BATCH = 8;
  private static final Feed FEED = feed(TensorSpec.u8(100, 1, 4, 4));

  /**
   * An op that the engine does not know: it adds noise to its first input, scaled by its second.
   */
  private record Noise(int firstRow) implements Op {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> inputs) {
      return List.of(inputs.get(0));
    }

    @Override
    public Optional<Op> atRow(int firstRow) {
      return Optional.of(new Noise(firstRow));
    }

    @Override
    public Optional<Op> inference() {
      return Optional.empty();
    }
  }

  private static Feed feed(TensorSpec source) {
    return new Feed(source, 1f / 255, List.of(0f), List.of(1f), StepTable.spec(2, BATCH));
  }

  private static Graph noisy() {
    GraphBuilder g = new GraphBuilder("noisy");
    Value x = g.input("image", TensorSpec.f32(1, 1, 4, 4));
    Value scale = g.parameter("scale", TensorSpec.f32(1), Initializer.constant(1), false);
    Value noise = g.apply("noise", new Noise(0), x, scale).get(0);
    return g.build(g.linear("fc", noise, 3)).frozen("scale"::equals);
  }

  private static StepGraph step(Graph model, Purpose purpose) {
    return StepGraph.of(model, FEED, purpose, 4, 4, BATCH);
  }

  private static Node node(StepGraph step, Class<? extends Op> op) {
    return step.graph().nodes().stream()
        .filter(n -> op.isInstance(n.op()))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> names(List<Value> values) {
    return values.stream().map(Value::name).toList();
  }

  @Test
  void anOpThatDrawsIsToldItsRowsAndGivenTheStepTable() {
    Node noise = node(step(noisy(), Purpose.TRAINING), Noise.class);
    assertEquals(new Noise(4), noise.op());
    assertEquals(
        List.of("image", "scale", StepGraph.TABLES, StepGraph.CURSOR), names(noise.inputs()));
  }

  @Test
  void anOpThatIsNothingOutsideTrainingLeavesItsInput() {
    StepGraph evaluation = step(noisy(), Purpose.EVALUATION);
    assertTrue(evaluation.graph().nodes().stream().noneMatch(n -> n.op() instanceof Noise));
    assertEquals("image", node(evaluation, Linear.class).inputs().get(0).name());
  }

  @Test
  void refusesSamplesOfAnotherShapeThanTheModels() {
    Graph model = noisy();
    Feed larger = feed(TensorSpec.u8(100, 1, 5, 5));
    ShapeException misfit =
        assertThrows(
            ShapeException.class,
            () -> StepGraph.of(model, larger, Purpose.EVALUATION, 0, BATCH, BATCH));
    assertTrue(misfit.getMessage().contains("noisy"), misfit.getMessage());
  }
}
