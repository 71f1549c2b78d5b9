package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceOptions;
import dev.lamina.exec.Choices;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Keys;
import dev.lamina.exec.Model;
import dev.lamina.exec.Place;
import dev.lamina.exec.PlannedTensor;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.Schedule;
import dev.lamina.exec.Slabs;
import dev.lamina.exec.Task;
import dev.lamina.exec.UpdateRule;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.metric.Tally;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.StepTable;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Evaluator;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Predictor;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingResult;
import dev.lamina.train.TrainingRun;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One model under plans for training, a short batch, evaluation and prediction. */
@ExtendWith(LeakCheck.class)
class SharedParametersTest {
  private static final int BATCH = 8;
  private static final int SHORT_BATCH = 5;
  private static final int LARGEST_BATCH = 64;
  private static final Dataset DATA = SmallNetwork.dataset(12, 4 * BATCH + SHORT_BATCH);
  private static final Graph GRAPH = SmallNetwork.graph(12, 8, Window.of(3).pad(1));
  private static final Optimizer OPTIMIZER = new Optimizer.Sgd(0.9f, false, 1e-3f);

  private static Device device() {
    return new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2));
  }

  @Test
  void everyPlanIsBoundToTheSameMemory() {
    TensorSpec source = new TensorSpec(DATA.spec().type(), DATA.spec().batch(LARGEST_BATCH));
    TensorSpec tables = StepTable.spec(1, LARGEST_BATCH);
    Feed feed = new Feed(source, 1, List.of(0f), List.of(1f), tables);
    UpdateRule rule = new UpdateRule(Optional.of(OPTIMIZER.op()), 0, 0, false);
    try (Device device = device();
        Model model = Model.create(device, GRAPH, 1, new Choices());
        DeviceArena arena = device.arena("bound");
        ResourceStack made = new ResourceStack()) {
      List<Schedule> schedules = new ArrayList<>();
      schedules.add(model.training(feed, BATCH, rule));
      schedules.add(model.training(feed, SHORT_BATCH, rule));
      long bytesOfTraining = model.bytesInUse();
      schedules.add(model.inference(Purpose.EVALUATION, feed, BATCH));
      schedules.add(model.inference(Purpose.EVALUATION, feed, SHORT_BATCH));
      schedules.add(model.inference(Purpose.PREDICTION, feed, LARGEST_BATCH));
      schedules.add(model.inference(Purpose.PREDICTION, feed, 1));
      assertEquals(bytesOfTraining, model.bytesInUse());

      Slabs slabs = made.push(Slabs.allocate(device, schedules));
      int classes = DATA.spec().classes();
      Map<String, DeviceBuffer> bound =
          Map.of(
              Keys.SAMPLES, arena.allocate("samples", source.bytes()),
              Keys.LABELS, arena.allocate("labels", LARGEST_BATCH * Integer.BYTES),
              Keys.TABLES, arena.allocate("tables", tables.bytes()),
              Keys.CURSOR, arena.allocate("cursor", StepTable.cursor().bytes()),
              Keys.RING, arena.allocate("ring", SoftmaxCrossEntropy.CELL * Float.BYTES),
              Keys.PROBABILITIES,
                  arena.allocate("probabilities", LARGEST_BATCH * classes * Float.BYTES));
      Map<String, Long> expected = null;
      for (Schedule schedule : schedules) {
        ExecutionPlan plan = made.push(model.plan(schedule, slabs, bound));
        Map<String, Long> addresses = parameterAddresses(plan);
        assertEquals(GRAPH.parameters().size(), addresses.size(), schedule.name());
        expected = expected == null ? addresses : expected;
        assertEquals(expected, addresses, schedule.name());
      }
    }
  }

  /** Where a plan reads each parameter. */
  private static Map<String, Long> parameterAddresses(ExecutionPlan plan) {
    Set<String> names = new HashSet<>();
    GRAPH.parameters().stream().map(Parameter::name).forEach(names::add);
    Map<String, Long> addresses = new TreeMap<>();
    for (Task task : plan.schedule().tasks()) {
      for (PlannedTensor input : task.inputs()) {
        if (input.place() instanceof Place.Bound && names.contains(input.name())) {
          long address = ((CpuBuffer) plan.buffer(input)).address();
          Long before = addresses.put(input.name(), address);
          assertEquals(before == null ? address : before, address, input.name());
        }
      }
    }
    return addresses;
  }

  @Test
  void everyPlanSeesWhatTrainingChanged() {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(2)
            .withBatchSize(BATCH)
            .withOptimizer(OPTIMIZER, 0.05f);
    try (Device device = device();
        Model model = Model.create(device, GRAPH, 1, new Choices());
        TrainingRun run = Trainer.start(model, DATA, Optional.of(DATA), options)) {
      long bytesOfTraining = model.bytesInUse();
      try (Evaluator evaluator = new Evaluator(model, DATA);
          Predictor predictor = new Predictor(model, DATA.spec(), DATA.normalization())) {
        double lossBefore = evaluator.evaluate().loss();
        List<float[]> answersBefore = predictions(predictor);
        TrainingResult result = run.run();
        Tally evaluated = evaluator.evaluate();
        EpochReport last = result.epochs().get(1);
        assertNotEquals(lossBefore, evaluated.loss());
        assertEquals(last.test().orElseThrow().loss(), evaluated.loss());
        assertEquals(bytesOfTraining, model.bytesInUse());

        List<float[]> answers = predictions(predictor);
        double loss = 0;
        for (int i = 0; i < DATA.size(); i++) {
          assertFalse(Arrays.equals(answersBefore.get(i), answers.get(i)));
          loss -= Math.log(answers.get(i)[DATA.label(i)]) / DATA.size();
        }
        assertEquals(evaluated.loss(), loss, 1e-5);
        try (Predictor made = new Predictor(model, DATA.spec(), DATA.normalization())) {
          List<float[]> fresh = predictions(made);
          for (int i = 0; i < DATA.size(); i++) {
            assertArrayEquals(fresh.get(i), answers.get(i));
          }
        }
      }
    }
  }

  private static List<float[]> predictions(Predictor predictor) {
    List<float[]> answers = new ArrayList<>();
    for (int i = 0; i < DATA.size(); i++) {
      ByteBuffer sample = ByteBuffer.allocate(DATA.spec().bytes());
      DATA.read(i, sample);
      answers.add(predictor.predict(sample.array()));
    }
    return answers;
  }
}
