package dev.lamina.cli.config;

import dev.lamina.datasets.DatasetCatalog;
import java.util.List;

/** Refuses settings that make no sense together, with the reason. */
final class Combinations {
  private final Configuration settings;

  private Combinations(Configuration settings) {
    this.settings = settings;
  }

  /**
   * Checks all.
   *
   * @throws UsageException that names both settings and where they are from
   */
  static void check(Configuration settings) {
    Combinations combinations = new Combinations(settings);
    combinations.checkData();
    combinations.checkNetwork();
    combinations.checkDevice();
    combinations.checkOptimizer();
    combinations.checkLoss();
    combinations.checkSchedule();
    combinations.checkValidation();
  }

  private void checkData() {
    String dataset = settings.get(TrainSettings.DATASET);
    boolean folder = DatasetCatalog.isFolder(dataset);
    for (Setting<?> setting :
        List.of(TrainSettings.IMAGE_SIZE, TrainSettings.GREY, TrainSettings.TEST_SPLIT)) {
      if (!folder && settings.find(setting).isPresent()) {
        throw new UsageException(
            "%s belongs to folders of pictures, but %s has samples and a test set of its own"
                .formatted(settings.said(setting), dataset));
      }
    }
    if (folder && settings.find(TrainSettings.DATA_DIR).isPresent()) {
      throw new UsageException(
          settings.said(TrainSettings.DATA_DIR)
              + " does not go with a folder of pictures, which is named by --dataset");
    }
  }

  private void checkNetwork() {
    String model = settings.get(TrainSettings.MODEL);
    if (model.endsWith(".java") && settings.find(TrainSettings.CLASSPATH).isPresent()) {
      throw new UsageException(
          "%s does not go with %s, which is compiled by itself: name the network of the JAR, or"
                  .formatted(settings.said(TrainSettings.CLASSPATH), model)
              + " leave it out");
    }
  }

  /** A GPU has threads of its own. */
  private void checkDevice() {
    String device = settings.get(TrainSettings.DEVICE);
    boolean elsewhere = device.startsWith("cuda") || device.startsWith("opencl");
    if (elsewhere && settings.find(TrainSettings.THREADS).isPresent()) {
      throw new UsageException(
          "%s belongs to device cpu, but the device is %s"
              .formatted(
                  settings.said(TrainSettings.THREADS),
                  device + settings.from(TrainSettings.DEVICE)));
    }
  }

  private void checkOptimizer() {
    belongs(TrainSettings.MOMENTUM, TrainSettings.OPTIMIZER, List.of("sgd", "rmsprop"));
    belongs(TrainSettings.NESTEROV, TrainSettings.OPTIMIZER, List.of("sgd"));
    belongs(TrainSettings.CENTERED, TrainSettings.OPTIMIZER, List.of("rmsprop"));
    if (isOn(TrainSettings.NESTEROV) && settings.get(TrainSettings.MOMENTUM) == 0) {
      throw new UsageException("nesterov needs a momentum above 0");
    }
    if (isOn(TrainSettings.DECAY_ALL)
        && settings.get(TrainSettings.WEIGHT_DECAY) == 0
        && settings.find(TrainSettings.L1).orElse(0.0) == 0) {
      throw new UsageException("decay-all needs a weight-decay or an l1 above 0");
    }
  }

  private void checkLoss() {
    List<String> crossEntropy = List.of("cross-entropy");
    belongs(TrainSettings.LABEL_SMOOTHING, TrainSettings.LOSS, crossEntropy);
    belongs(TrainSettings.CLASS_WEIGHTS, TrainSettings.LOSS, crossEntropy);
  }

  private void checkSchedule() {
    Setting<String> schedule = TrainSettings.SCHEDULE;
    belongs(TrainSettings.STEP_EPOCHS, schedule, List.of("step"));
    belongs(TrainSettings.MILESTONES, schedule, List.of("multi-step"));
    belongs(TrainSettings.LR_FACTOR, schedule, List.of("step", "multi-step", "plateau"));
    belongs(TrainSettings.MIN_LR, schedule, List.of("cosine", "plateau"));
    belongs(TrainSettings.PLATEAU_PATIENCE, schedule, List.of("plateau"));
    String chosen = settings.get(schedule);
    if (chosen.equals("step")) {
      needs("schedule step", TrainSettings.STEP_EPOCHS, "it says when the rate changes");
    } else if (chosen.equals("multi-step")) {
      needs("schedule multi-step", TrainSettings.MILESTONES, "they say when the rate changes");
    } else if (chosen.equals("one-cycle") && settings.find(TrainSettings.WARMUP).isPresent()) {
      throw new UsageException(
          settings.said(TrainSettings.WARMUP)
              + " does not go with schedule one-cycle, which has a rise of its own");
    } else if (chosen.equals("plateau")) {
      needs("schedule plateau", TrainSettings.VALIDATION_SPLIT, watched());
    }
    double rise = settings.find(TrainSettings.WARMUP).orElse(0.0);
    if (rise > settings.get(TrainSettings.EPOCHS)) {
      throw new UsageException(
          "%s of %s epochs is longer than the run, which has %d%s"
              .formatted(
                  settings.said(TrainSettings.WARMUP),
                  rise,
                  settings.get(TrainSettings.EPOCHS),
                  settings.from(TrainSettings.EPOCHS)));
    }
    double least = settings.find(TrainSettings.MIN_LR).orElse(0.0);
    if (least > settings.get(TrainSettings.LR)) {
      throw new UsageException(
          "min-lr %s is above lr %s".formatted(least, settings.get(TrainSettings.LR)));
    }
  }

  private void checkValidation() {
    if (settings.find(TrainSettings.EARLY_STOPPING).isPresent()) {
      needs("early-stopping", TrainSettings.VALIDATION_SPLIT, watched());
    }
    if (settings.find(TrainSettings.OVERFIT_BATCHES).isPresent()) {
      for (Setting<?> other :
          List.of(
              TrainSettings.TRAIN_LIMIT,
              TrainSettings.VALIDATION_SPLIT,
              TrainSettings.LABEL_NOISE)) {
        if (settings.find(other).isPresent()) {
          throw new UsageException(
              settings.said(other)
                  + " does not go with overfit-batches, which takes the samples as they are");
        }
      }
    }
  }

  private static String watched() {
    return "the test set must not decide anything";
  }

  private boolean isOn(Setting<Boolean> flag) {
    return settings.find(flag).orElse(false);
  }

  private void needs(String what, Setting<?> needed, String reason) {
    if (settings.find(needed).isEmpty()) {
      throw new UsageException("%s needs --%s: %s".formatted(what, needed, reason));
    }
  }

  /** Refuses a setting that only other choices have. */
  private void belongs(Setting<?> setting, Setting<String> choice, List<String> choices) {
    String chosen = settings.get(choice);
    if (settings.find(setting).isPresent() && !choices.contains(chosen)) {
      throw new UsageException(
          "%s belongs to %s %s, but the %s is %s"
              .formatted(
                  settings.said(setting),
                  choice,
                  String.join(" or ", choices),
                  choice,
                  chosen + settings.from(choice)));
    }
  }
}
