package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.op.Augmentation;
import dev.lamina.train.LearningRate;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Plateau;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Turns settings into what a run does. */
final class RunOptions {
  private final Configuration configuration;
  private final boolean dryRun;

  RunOptions(Configuration configuration, boolean dryRun) {
    this.configuration = configuration;
    this.dryRun = dryRun;
  }

  /** Returns the options; the loss, which may depend on the data, is cross-entropy. */
  TrainingOptions options() {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(dryRun ? 1 : Math.toIntExact(configuration.get(TrainSettings.EPOCHS)))
            .withBatchSize(Math.toIntExact(configuration.get(TrainSettings.BATCH_SIZE)))
            .withAccumulate(Math.toIntExact(configuration.get(TrainSettings.ACCUMULATE)))
            .withSeed(configuration.get(TrainSettings.SEED))
            .withOptimizer(optimizer(), configuration.get(TrainSettings.LR).floatValue())
            .withLearningRate(learningRate())
            .withAugmentation(augmentation())
            .withResidency(
                Residency.valueOf(
                    configuration.get(TrainSettings.DATA_ON_DEVICE).toUpperCase(Locale.ROOT)));
    Optional<Double> norm = configuration.find(TrainSettings.CLIP_NORM);
    if (norm.isPresent()) {
      options = options.withClipNorm(norm.get().floatValue());
    }
    Optional<Double> average = configuration.find(TrainSettings.EMA);
    if (average.isPresent()) {
      options = options.withAverage(average.get().floatValue());
    }
    if (configuration.get(TrainSettings.SCHEDULE).equals("plateau")) {
      long patience = configuration.find(TrainSettings.PLATEAU_PATIENCE).orElse(10L);
      options = options.withPlateau(new Plateau(lrFactor(), (int) patience, leastRate()));
    }
    Optional<Long> patience = configuration.find(TrainSettings.EARLY_STOPPING);
    if (patience.isPresent()) {
      options = options.withPatience(Math.toIntExact(patience.get()));
    }
    Optional<Double> seconds = configuration.find(TrainSettings.MAX_TIME);
    if (seconds.isPresent()) {
      options = options.withMaxSeconds(seconds.get());
    }
    return options
        .withL1(configuration.find(TrainSettings.L1).orElse(0.0).floatValue())
        .withDecayOfAll(configuration.find(TrainSettings.DECAY_ALL).orElse(false));
  }

  private Augmentation augmentation() {
    return new Augmentation(
        configuration.find(TrainSettings.FLIP).orElse(false),
        Math.toIntExact(configuration.find(TrainSettings.CROP).orElse(0L)),
        Math.toIntExact(configuration.find(TrainSettings.ROTATION).orElse(0L)),
        Math.toIntExact(configuration.find(TrainSettings.CUTOUT).orElse(0L)),
        configuration.find(TrainSettings.BRIGHTNESS).orElse(0.0).floatValue(),
        configuration.find(TrainSettings.CONTRAST).orElse(0.0).floatValue(),
        configuration.find(TrainSettings.SATURATION).orElse(0.0).floatValue());
  }

  private LearningRate learningRate() {
    float rate = configuration.get(TrainSettings.LR).floatValue();
    float warmUp = configuration.find(TrainSettings.WARMUP).orElse(0.0).floatValue();
    String schedule = configuration.get(TrainSettings.SCHEDULE);
    return switch (schedule) {
      case "step" ->
          LearningRate.step(
                  rate, Math.toIntExact(configuration.get(TrainSettings.STEP_EPOCHS)), lrFactor())
              .withWarmUp(warmUp);
      case "multi-step" -> {
        String milestones = configuration.get(TrainSettings.MILESTONES);
        List<Integer> epochs = Stream.of(milestones.split(",")).map(Integer::valueOf).toList();
        yield LearningRate.multiStep(rate, epochs, lrFactor()).withWarmUp(warmUp);
      }
      case "cosine" -> LearningRate.cosine(rate, leastRate(), warmUp);
      case "one-cycle" -> LearningRate.oneCycle(rate);
      // the validation loss lowers the rate, not the schedule
      case "constant", "plateau" -> LearningRate.constant(rate).withWarmUp(warmUp);
      default -> throw new UsageException("there is no schedule " + schedule);
    };
  }

  private float lrFactor() {
    return configuration.find(TrainSettings.LR_FACTOR).orElse(0.1).floatValue();
  }

  private float leastRate() {
    return configuration.find(TrainSettings.MIN_LR).orElse(0.0).floatValue();
  }

  private Optimizer optimizer() {
    float weightDecay = configuration.get(TrainSettings.WEIGHT_DECAY).floatValue();
    String name = configuration.get(TrainSettings.OPTIMIZER);
    return switch (name) {
      case "sgd" ->
          new Optimizer.Sgd(
              configuration.get(TrainSettings.MOMENTUM).floatValue(),
              configuration.get(TrainSettings.NESTEROV),
              weightDecay);
      case "rmsprop" ->
          new Optimizer.RmsProp(
              0.99f,
              1e-8f,
              configuration.find(TrainSettings.CENTERED).orElse(false),
              configuration.get(TrainSettings.MOMENTUM).floatValue(),
              weightDecay);
      case "adagrad" -> new Optimizer.Adagrad(weightDecay);
      case "adam" -> new Optimizer.Adam(weightDecay);
      case "adamw" -> new Optimizer.Adam(0.9f, 0.999f, 1e-8f, weightDecay, true);
      default -> throw new UsageException("there is no optimizer " + name);
    };
  }
}
