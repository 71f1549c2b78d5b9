package dev.lamina.train;

import static dev.lamina.train.TinyRuns.DATA;
import static dev.lamina.train.TinyRuns.OPTIONS;
import static dev.lamina.train.TinyRuns.gpuLike;
import static dev.lamina.train.TinyRuns.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.testkit.ReferenceWay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured between epochs, and when a run ends. */
class ValidationTest {
  @TempDir Path folder;

  /** The average after two updates is what hand and evaluation say, and it is saved. */
  @Test
  void evaluationComputesWithTheMovingAverage() throws IOException {
    float decay = 0.75f;
    TrainingOptions options = OPTIONS.withEpochs(1).withBatchSize(20).withAverage(decay);
    Map<String, float[]> first = afterUpdates(1, options, Optional.empty());
    Path file = folder.resolve("averaged.safetensors");
    Map<String, float[]> second = afterUpdates(2, options, Optional.of(file));
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 9, new Choices());
        Evaluator evaluator = new Evaluator(model, DATA)) {
      Checkpoint.open(file).restoreParameters(model);
      Map<String, float[]> averages = values(model);
      for (String name : averages.keySet()) {
        for (int i = 0; i < averages.get(name).length; i++) {
          float before = first.get(name)[i];
          float expected = before + (1 - decay) * (second.get(name)[i] - before);
          assertEquals(expected, averages.get(name)[i], 1e-7f, name);
        }
      }
      try (Model averaged = Model.create(device, TinyNetwork.graph(), 5, new Choices());
          TrainingRun run = Trainer.start(averaged, DATA, Optional.of(DATA), options)) {
        double loss = run.run().epochs().get(0).test().orElseThrow().loss();
        assertEquals(evaluator.evaluate().loss(), loss, 1e-6);
      }
    }
  }

  private static Map<String, float[]> afterUpdates(
      int updates, TrainingOptions options, Optional<Path> file) throws IOException {
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    LearningRate stopping =
        moment -> {
          if (moment.update() == updates - 1) {
            running.get().cancel();
          }
          return options.learningRate().at(moment);
        };
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.empty(), options.withLearningRate(stopping))) {
      running.set(run);
      run.run();
      assertEquals(updates, run.position().updates());
      if (file.isPresent()) {
        Checkpoint.save(file.get(), run);
      }
      return values(model);
    }
  }

  /** A rate so small that losses fall by less than the plateau counts, then one that lets them. */
  @Test
  void validationLowersTheRateAndEndsTheRun() throws IOException {
    Dataset validation = TinyNetwork.dataset(11);
    TrainingOptions steady =
        OPTIONS.withEpochs(6).withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-7f);
    TrainingOptions plateau = steady.withPlateau(new Plateau(0.1f, 1, 5e-9f));
    List<Float> rates = new ArrayList<>();
    Path file = folder.resolve("plateau.safetensors");
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.of(validation), Optional.empty(), plateau)) {
      TrainingResult result = run.run();
      result.epochs().forEach(epoch -> rates.add(epoch.learningRate()));
      assertEquals(TrainingResult.Ending.FINISHED, result.ending());
      assertTrue(result.epochs().get(0).validation().isPresent());
      Checkpoint.save(file, run);
      assertEquals(run.position(), Checkpoint.open(file).position());
    }
    assertEquals(List.of(1e-7f, 1e-7f, 1e-7f, 1e-8f, 1e-8f, 5e-9f), rates);

    // a rate of 1e-30 changes nothing, so the first epoch stays the best
    TrainingOptions still =
        OPTIONS.withEpochs(9).withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-30f).withPatience(2);
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(model, DATA, Optional.of(validation), Optional.empty(), still)) {
      TrainingResult result = run.run();
      assertEquals(TrainingResult.Ending.STOPPED_EARLY, result.ending());
      assertEquals(3, result.position().epoch());
      assertEquals(1, result.position().watch().bestEpoch());
      assertThrows(
          IllegalArgumentException.class,
          () -> Trainer.start(model, DATA, Optional.empty(), Optional.empty(), still));
    }
  }

  @Test
  void aRunWhoseTimeIsUpEndsAfterAnUpdateAndMeasures() {
    try (Device device = gpuLike(ReferenceWay.CANONICAL);
        Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
        TrainingRun run =
            Trainer.start(
                model, DATA, Optional.of(DATA), OPTIONS.withAccumulate(2).withMaxSeconds(1e-9))) {
      TrainingResult result = run.run();
      assertEquals(TrainingResult.Ending.OUT_OF_TIME, result.ending());
      assertEquals(1, result.position().updates());
      assertEquals(2, result.position().batch());
      assertEquals(16, result.position().rows());
      assertTrue(result.epochs().get(0).test().isPresent());
    }
  }
}
