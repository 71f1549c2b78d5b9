package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.exec.Schedule;
import dev.lamina.graph.Folding;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.StepTable;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folded weights always follow from the values as they are. */
@ExtendWith(LeakCheck.class)
class FoldedPlansTest {
  private static final Dataset DATA = TinyNetwork.dataset(12);

  /** Every epoch is one step. */
  private static final TrainingOptions OPTIONS =
      TrainingOptions.defaults()
          .withEpochs(3)
          .withBatchSize(DATA.size())
          .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.5f);

  @TempDir Path folder;

  /**
   * What can be folded: without and with bias, by channel, in a residual connection. What cannot: a
   * normalisation of the image, and one of what is read elsewhere, too.
   */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder("folded");
    Window three = Window.of(3).pad(1);
    Value x = g.batchNorm2d("bn0", g.input("image", TensorSpec.f32(1, 1, 6, 6)));
    x = g.relu(g.batchNorm2d("bn1", g.conv2d("conv1", x, 4, three, 1, false)));
    Value y = g.batchNorm2d("bn2", g.conv2d("conv2", x, 4, three, 4, true));
    x = g.relu(g.add("add", x, y));
    y = g.conv2d("conv3", x, 4, three, 1, false);
    x = g.add("twice", y, g.batchNorm2d("bn3", y));
    return g.build(g.linear("fc", g.globalAvgPool2d("avgpool", x), 3));
  }

  static Stream<ReferenceOptions> devices() {
    ReferenceOptions ways = ReferenceOptions.defaults().withWays(ReferenceWay.values());
    return Stream.of(ways, ways.likeGpu(), ways.likeGpu().withStepsPerLaunch(4));
  }

  /** The answers before training, after each step, and after going back to the first step. */
  private List<float[]> answers(ReferenceOptions options, TrainingOptions training) {
    List<float[]> answers = new ArrayList<>();
    Path file = folder.resolve("first.safetensors");
    try (Device device = ReferenceDevice.open(options);
        Model model = Model.create(device, graph(), 5, new Choices());
        TrainingRun run = Trainer.start(model, DATA, Optional.of(DATA), training);
        Predictor predictor = new Predictor(model, DATA.spec(), DATA.normalization())) {
      answers.add(answer(predictor));
      TrainingListener asks =
          new TrainingListener() {
            @Override
            public void onEpoch(TrainingRun running, EpochReport report) {
              answers.add(answer(predictor));
              answers.add(new float[] {(float) report.test().orElseThrow().loss()});
              if (report.epoch() == 1) {
                save(running);
              }
            }

            private void save(TrainingRun running) {
              try {
                Checkpoint.save(file, running);
              } catch (IOException failure) {
                throw new UncheckedIOException(failure);
              }
            }
          };
      run.run(asks);
      Checkpoint.open(file).restore(run);
      answers.add(answer(predictor));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return answers;
  }

  private static float[] answer(Predictor predictor) {
    byte[] pixels = new byte[DATA.spec().elements()];
    DATA.read(1, ByteBuffer.wrap(pixels));
    return predictor.predict(pixels);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void answersAreThoseOfTheSeparateOps(ReferenceOptions options) {
    for (TrainingOptions training : List.of(OPTIONS, OPTIONS.withAverage(0.5f))) {
      List<float[]> folded = answers(options, training);
      List<float[]> apart = answers(options.withoutFusion(), training);
      assertEquals(8, folded.size());
      for (int i = 0; i < folded.size(); i++) {
        assertArrayEquals(apart.get(i), folded.get(i), 1e-5f, "answer " + i);
      }
      assertArrayEquals(folded.get(1), folded.get(7), "the first step's, restored");
      Set<Float> different = new TreeSet<>();
      Stream.of(0, 1, 3, 5).forEach(i -> different.add(folded.get(i)[0]));
      assertEquals(4, different.size(), "every step changes the answer");
    }
  }

  @Test
  void whatIsFoldedAndWhatIsNotShows() {
    assertEquals(
        "[fold bn1, fold bn2]",
        Folding.of(graph(), op -> true).nodes().stream()
            .map(node -> node.name())
            .toList()
            .toString());
    String folded = plan(ReferenceOptions.defaults(), true);
    assertTrue(folded.contains("2 of 4 batch normalisations are folded"), folded);
    assertTrue(folded.contains("1 of 2 sums are part of convolutions"), folded);
    String apart = plan(ReferenceOptions.defaults().withoutFusion(), false);
    assertTrue(apart.contains("4 batch normalisations run apart: reference"), apart);
    assertTrue(apart.contains("2 sums run apart: reference"), apart);
  }

  /** Checks where a plan has normalisations, and returns what it says of them. */
  private static String plan(ReferenceOptions options, boolean folds) {
    try (Device device = ReferenceDevice.open(options);
        Model model = Model.create(device, graph(), 5, new Choices())) {
      TensorSpec source = new TensorSpec(DATA.spec().type(), DATA.spec().batch(4));
      Feed feed = new Feed(source, 1, List.of(0f), List.of(1f), StepTable.spec(1, 4));
      device.turn().lock();
      try (Schedule schedule = model.inference(Purpose.PREDICTION, feed, 4)) {
        Set<String> norms =
            schedule.tasks().stream()
                .filter(task -> task.call().op() instanceof BatchNorm2dInference)
                .map(task -> task.name())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(folds ? "[bn0, bn3]" : "[bn0, bn1, bn2, bn3]", norms.toString());
        assertEquals(folds, schedule.stages().get(0).derives());
        assertFalse(schedule.stages().get(schedule.stages().size() - 1).derives());
        return String.join("\n", schedule.remarks());
      } finally {
        device.turn().unlock();
      }
    }
  }
}
