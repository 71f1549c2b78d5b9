package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.op.Window;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.EpochReport;
import dev.lamina.train.LearningRate;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingOptions.Residency;
import dev.lamina.train.TrainingResult;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same seed and the same recorded choices give the same bits; checkpoints are compared whole.
 */
@ExtendWith(LeakCheck.class)
class ReproducibleTrainingTest {
  private static final int BATCH = 8;

  /** Six batches an epoch, the last one short. */
  private static final Dataset DATA = SmallNetwork.dataset(12, 5 * BATCH + 3);

  private static final int UPDATES = 3 * 6;

  @TempDir Path folder;

  static Stream<TrainingOptions> variants() {
    TrainingOptions options = TrainingOptions.defaults().withEpochs(3).withBatchSize(BATCH);
    return Stream.of(
        options
            .withOptimizer(new Optimizer.Sgd(0.9f, false, 1e-3f), 0.05f)
            .withResidency(Residency.ALWAYS),
        options
            .withOptimizer(new Optimizer.Adam(1e-2f), 0.01f)
            .withResidency(Residency.NEVER)
            .withLoaderThreads(2));
  }

  /** Two lanes sum their gradients, whichever is done first. */
  private static Choices choices() {
    Choices choices = new Choices();
    choices.decide("training 8/lanes", "2");
    return choices;
  }

  /** What an epoch came to, times aside. */
  private record Metrics(
      int epoch,
      long updates,
      double loss,
      double accuracy,
      Optional<EpochReport.Evaluation> test,
      float rate) {
    static List<Metrics> of(TrainingResult result) {
      return result.epochs().stream()
          .map(
              epoch ->
                  new Metrics(
                      epoch.epoch(),
                      epoch.updates(),
                      epoch.trainLoss(),
                      epoch.trainAccuracy(),
                      epoch.test(),
                      epoch.learningRate()))
          .toList();
    }
  }

  private record Outcome(List<Metrics> metrics, byte[] checkpoint) {}

  /**
   * Trains in a device and a model of its own.
   *
   * @param from checkpoint to go on from
   * @param stop update after which the run is cancelled, if there are more
   */
  private Outcome train(TrainingOptions options, Choices choices, Optional<Path> from, int stop)
      throws IOException {
    AtomicReference<TrainingRun> running = new AtomicReference<>();
    LearningRate stopping =
        moment -> {
          if (moment.update() == stop - 1 && stop < UPDATES) {
            running.get().cancel();
          }
          return options.learningRate().at(moment);
        };
    long seed = from.isPresent() ? options.seed() + 99 : options.seed();
    try (Device device = new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2));
        Model model =
            Model.create(device, SmallNetwork.graph(12, 8, Window.of(3).pad(1)), seed, choices);
        TrainingRun run =
            Trainer.start(model, DATA, Optional.of(DATA), options.withLearningRate(stopping))) {
      running.set(run);
      if (from.isPresent()) {
        Checkpoint.open(from.get()).restore(run);
      }
      TrainingResult result = run.run();
      assertEquals(stop, result.position().updates());
      Path file = folder.resolve("checkpoint.safetensors");
      Checkpoint.save(file, run);
      return new Outcome(Metrics.of(result), Files.readAllBytes(file));
    }
  }

  private Outcome train(TrainingOptions options, Choices choices) throws IOException {
    return train(options, choices, Optional.empty(), UPDATES);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void theSeedDecidesEveryBit(TrainingOptions options) throws IOException {
    Choices choices = choices();
    Outcome first = train(options, choices);
    Outcome same = train(options, Choices.of(choices.all()));
    assertEquals(first.metrics(), same.metrics());
    assertArrayEquals(first.checkpoint(), same.checkpoint());

    Outcome other = train(options.withSeed(options.seed() + 1), Choices.of(choices.all()));
    for (int epoch = 0; epoch < options.epochs(); epoch++) {
      assertNotEquals(first.metrics().get(epoch).loss(), other.metrics().get(epoch).loss());
    }
    assertFalse(Arrays.equals(tensors(first), tensors(other)));
  }

  /** A checkpoint without its header, which names the seed. */
  private static byte[] tensors(Outcome outcome) {
    ByteBuffer file = ByteBuffer.wrap(outcome.checkpoint()).order(ByteOrder.LITTLE_ENDIAN);
    byte[] tensors = new byte[file.limit() - Long.BYTES - (int) file.getLong()];
    file.position(file.limit() - tensors.length).get(tensors);
    return tensors;
  }

  /** After the first update, at the end of an epoch, before a short batch. */
  @ParameterizedTest
  @MethodSource("variants")
  void aRunCancelledAtAnyStepGoesOnToTheSameBits(TrainingOptions options) throws IOException {
    Choices choices = choices();
    Outcome whole = train(options, choices);
    for (int stop : new int[] {1, 12, 17}) {
      Outcome begun = train(options, choices, Optional.empty(), stop);
      Path file = folder.resolve("cancelled.safetensors");
      Files.write(file, begun.checkpoint());
      Outcome resumed = train(options, choices, Optional.of(file), UPDATES);
      List<Metrics> metrics = new ArrayList<>(begun.metrics());
      metrics.addAll(resumed.metrics());
      assertEquals(whole.metrics(), metrics, "cancelled after " + stop);
      assertArrayEquals(whole.checkpoint(), resumed.checkpoint(), "cancelled after " + stop);
    }
  }
}
