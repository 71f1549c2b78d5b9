package dev.lamina.train;

import static dev.lamina.train.TinyRuns.DATA;
import static dev.lamina.train.TinyRuns.OPTIONS;
import static dev.lamina.train.TinyRuns.assertSame;
import static dev.lamina.train.TinyRuns.cpuLike;
import static dev.lamina.train.TinyRuns.gpuLike;
import static dev.lamina.train.TinyRuns.lanes;
import static dev.lamina.train.TinyRuns.parameters;
import static dev.lamina.train.TinyRuns.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import dev.lamina.train.TinyRuns.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run recorded, or goes on from, gives the same bits. */
class RecordedChoicesTest {
  @TempDir Path folder;

  @Test
  void recordedChoicesGiveTheSameBits() {
    Choices choices = new Choices();
    Outcome first = train(cpuLike(ReferenceWay.values()), OPTIONS, choices);
    Outcome second = train(cpuLike(ReferenceWay.values()), OPTIONS, Choices.of(choices.all()));
    assertSame(first, second);
  }

  @Test
  void recordedChoicesThatCannotBeFollowedAreRefused() {
    Choices choices = lanes(4);
    train(cpuLike(ReferenceWay.values()), OPTIONS, choices);
    Map<String, String> tooManyLanes = new TreeMap<>(choices.all());
    tooManyLanes.replaceAll((key, value) -> key.endsWith("/lanes") ? "64" : value);
    Map<String, String> unknownWays = new TreeMap<>(choices.all());
    unknownWays.replaceAll((key, value) -> key.contains("conv") ? "gone" : value);
    // One way and one lane are all there is here: the record must still be followed or refused.
    for (Map<String, String> record : List.of(choices.all(), tooManyLanes, unknownWays)) {
      assertThrows(
          UnsupportedOpException.class,
          () -> train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, Choices.of(record)),
          record::toString);
    }
    Outcome plain = train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, new Choices());
    assertSame(
        plain, train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, Choices.remembered(tooManyLanes)));
  }

  @Test
  void recordedResidencyIsFollowed() {
    Choices choices = new Choices();
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, choices);
    Map<String, String> streamed = new TreeMap<>(choices.all());
    streamed.replaceAll((key, value) -> key.startsWith("residency") ? "NEVER" : value);
    assertTrue(streamed.containsValue("NEVER"), streamed::toString);
    Choices followed = Choices.of(streamed);
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, followed);
    assertEquals(streamed, followed.all());

    Choices remembered = Choices.remembered(streamed);
    train(gpuLike(ReferenceWay.CANONICAL), OPTIONS, remembered);
    assertEquals(choices.all(), remembered.all());
  }

  /** A tenant's limit counts, not what the hardware has. */
  @Test
  void dataThatWouldFillTheMemoryLimitIsStreamed() {
    Dataset data = TinyNetwork.dataset(3000);
    long enough = 1 << 20;
    for (long limit : new long[] {enough, enough / 4}) {
      Choices choices = new Choices();
      ReferenceOptions options = ReferenceOptions.defaults().likeGpu().withMemory(limit, limit);
      try (Device device = ReferenceDevice.open(options);
          Model model = Model.create(device, TinyNetwork.graph(), 5, choices);
          TrainingRun run = Trainer.start(model, data, Optional.empty(), OPTIONS)) {
        assertTrue(run.bytesInUse() <= limit);
      }
      String expected = limit == enough ? "ALWAYS" : "NEVER";
      assertEquals(expected, choices.all().get("residency of bars 3000"));
    }
  }

  @Test
  void aResumedRunEndsInTheSameBits() throws IOException {
    for (int stop : new int[] {1, 5, 9, 14}) {
      assertResumes(OPTIONS, stop);
      assertResumes(OPTIONS.withOptimizer(new Optimizer.Adam(0), 0.01f), stop);
      assertResumes(OPTIONS.withAverage(0.9f), stop);
    }
    for (int stop : new int[] {1, 3, 8}) {
      assertResumes(OPTIONS.withAccumulate(2), stop);
    }
  }

  /** Cancels a run in its update {@code stop}, then goes on in a model of its own. */
  private void assertResumes(TrainingOptions options, int stop) throws IOException {
    Choices choices = new Choices();
    Outcome whole = train(cpuLike(ReferenceWay.values()), options, choices);
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    LearningRate stopping =
        moment -> {
          if (moment.update() == stop - 1) {
            running.get().cancel();
          }
          return options.learningRate().at(moment);
        };
    List<Double> losses = new ArrayList<>();
    Path file = folder.resolve("last.safetensors");
    try (Device device = cpuLike(ReferenceWay.values());
        Model stopped = Model.create(device, TinyNetwork.graph(), 5, choices);
        Model resumed = Model.create(device, TinyNetwork.graph(), 99, choices)) {
      try (TrainingRun run =
          Trainer.start(stopped, DATA, Optional.empty(), options.withLearningRate(stopping))) {
        running.set(run);
        TrainingResult result = run.run();
        assertTrue(result.cancelled());
        result.epochs().forEach(epoch -> losses.add(epoch.trainLoss()));
        assertEquals(stop, result.position().updates());
        Checkpoint.save(file, run);
      }
      try (TrainingRun run = Trainer.start(resumed, DATA, Optional.empty(), options)) {
        Checkpoint.open(file).restore(run);
        TrainingResult result = run.run();
        assertFalse(result.cancelled());
        result.epochs().forEach(epoch -> losses.add(epoch.trainLoss()));
      }
      assertSame(whole, new Outcome(parameters(resumed), losses));
    }
  }

  /** Cancelled in the evaluation after its second epoch, a run does only that one anew. */
  @Test
  void anEvaluationThatWasBrokenOffIsMadeAnew() throws IOException {
    TrainingOptions options = OPTIONS.withResidency(TrainingOptions.Residency.NEVER);
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    HeldDataset test =
        new HeldDataset(
            TinyNetwork.dataset(600),
            index -> {
              TrainingRun run = running.get();
              if (run != null && run.position().epoch() == 1) {
                run.cancel();
              }
            });
    Path file = folder.resolve("last.safetensors");
    Choices choices = new Choices();
    List<EpochReport> whole = new ArrayList<>();
    List<EpochReport> parts = new ArrayList<>();
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model plain = Model.create(device, TinyNetwork.graph(), 5, choices);
        Model stopped = Model.create(device, TinyNetwork.graph(), 5, choices);
        Model resumed = Model.create(device, TinyNetwork.graph(), 99, choices)) {
      try (TrainingRun run = Trainer.start(plain, DATA, Optional.of(test), options)) {
        whole.addAll(run.run().epochs());
      }
      try (TrainingRun run = Trainer.start(stopped, DATA, Optional.of(test), options)) {
        running.set(run);
        TrainingResult result = run.run();
        running.set(null);
        assertTrue(result.cancelled());
        assertEquals(1, result.position().epoch());
        assertEquals(10, result.position().updates());
        parts.addAll(result.epochs());
        Checkpoint.save(file, run);
      }
      try (TrainingRun run = Trainer.start(resumed, DATA, Optional.of(test), options)) {
        Checkpoint.open(file).restore(run);
        parts.addAll(run.run().epochs());
      }
    }
    assertEquals(3, parts.size());
    assertTrue(Double.isNaN(parts.get(1).samplesPerSecond()));
    for (int epoch = 0; epoch < 3; epoch++) {
      EpochReport expected = whole.get(epoch);
      EpochReport actual = parts.get(epoch);
      assertEquals(expected.trainLoss(), actual.trainLoss());
      assertEquals(expected.test(), actual.test());
      assertEquals(expected.updates(), actual.updates());
      assertEquals(expected.learningRate(), actual.learningRate());
    }
  }
}
