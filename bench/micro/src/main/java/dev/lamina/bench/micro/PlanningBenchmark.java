package dev.lamina.bench.micro;

import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.models.ModelCatalog;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From a model's name to the graph of a training step, before any device sees it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PlanningBenchmark {
  private static final int BATCH = 64;
  private static final SampleSpec SAMPLES = SampleSpec.of(DataType.U8, 1, 28, 28, 10);
  private static final Feed FEED =
      new Feed(
          new TensorSpec(DataType.U8, SAMPLES.batch(60_000)),
          1 / 255f,
          List.of(0.1307f),
          List.of(0.3081f),
          StepTable.spec(4, BATCH));

  /** The model to plan. */
  @Param({"lenet5", "mlp"})
  private String model;

  private Graph graph;

  /** Builds the graph that {@link #stepGraph} starts from. */
  @Setup
  public void build() {
    graph = ModelCatalog.find(model).graph(SAMPLES);
  }

  /** Builds a model's graph, shapes inferred and checked. */
  @Benchmark
  public Graph graph() {
    return ModelCatalog.find(model).graph(SAMPLES);
  }

  /** Adds input, loss and gradients, and fuses. */
  @Benchmark
  public StepGraph stepGraph() {
    return StepGraph.of(graph, FEED, Purpose.TRAINING, 0, BATCH, BATCH);
  }
}
