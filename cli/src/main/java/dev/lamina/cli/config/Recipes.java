package dev.lamina.cli.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Values that suit a network on a data set, and those that suit in general. */
final class Recipes {
  private static final Map<String, Map<Setting<?>, String>> BY_MODEL_AND_DATA =
      Map.of(
          // A rate that stays high ends anywhere from 98 % on digits, and a tenth of a point or
          // two lower on MNIST.
          "lenet5 digits", ending(sgd(6)),
          // Epochs of the published figures: 99.11 %, 90.25 % and 60.53 %.
          "lenet5 mnist", ending(sgd(10)),
          "lenet5 fashion-mnist", ending(sgd(20)),
          "lenet5 cifar-10", sgd(20));

  private Recipes() {}

  /** Returns the pairs that have a recipe, as {@code MODEL DATASET}. */
  static Set<String> pairs() {
    return BY_MODEL_AND_DATA.keySet();
  }

  static Map<Setting<?>, String> of(String model, String dataset) {
    return BY_MODEL_AND_DATA.getOrDefault(model + " " + dataset, Map.of());
  }

  static Map<Setting<?>, String> defaults(String optimizer) {
    Map<Setting<?>, String> defaults = new LinkedHashMap<>();
    defaults.put(TrainSettings.DATASET, "digits");
    defaults.put(TrainSettings.EPOCHS, "10");
    defaults.put(TrainSettings.BATCH_SIZE, "64");
    defaults.put(TrainSettings.ACCUMULATE, "1");
    defaults.put(TrainSettings.LOSS, "cross-entropy");
    defaults.put(TrainSettings.SEED, "1");
    defaults.put(TrainSettings.OPTIMIZER, optimizer);
    switch (optimizer) {
      case "sgd" -> {
        defaults.put(TrainSettings.LR, "0.01");
        defaults.put(TrainSettings.MOMENTUM, "0.9");
        defaults.put(TrainSettings.NESTEROV, "false");
        defaults.put(TrainSettings.WEIGHT_DECAY, "0");
      }
      case "rmsprop" -> {
        defaults.put(TrainSettings.LR, "0.01");
        defaults.put(TrainSettings.MOMENTUM, "0");
        defaults.put(TrainSettings.WEIGHT_DECAY, "0");
      }
      case "adagrad" -> {
        defaults.put(TrainSettings.LR, "0.01");
        defaults.put(TrainSettings.WEIGHT_DECAY, "0");
      }
      case "adam" -> {
        defaults.put(TrainSettings.LR, "0.001");
        defaults.put(TrainSettings.WEIGHT_DECAY, "0");
      }
      default -> {
        // PyTorch's AdamW decays by this much when nothing is said.
        defaults.put(TrainSettings.LR, "0.001");
        defaults.put(TrainSettings.WEIGHT_DECAY, "0.01");
      }
    }
    defaults.put(TrainSettings.SCHEDULE, "constant");
    defaults.put(TrainSettings.DEVICE, "auto");
    defaults.put(TrainSettings.DATA_ON_DEVICE, "auto");
    return defaults;
  }

  /** The same with a rate that falls to nothing by the last epoch. */
  private static Map<Setting<?>, String> ending(Map<Setting<?>, String> recipe) {
    Map<Setting<?>, String> ending = new LinkedHashMap<>(recipe);
    ending.put(TrainSettings.SCHEDULE, "cosine");
    return ending;
  }

  private static Map<Setting<?>, String> sgd(int epochs) {
    return Map.of(
        TrainSettings.EPOCHS,
        Integer.toString(epochs),
        TrainSettings.OPTIMIZER,
        "sgd",
        TrainSettings.LR,
        "0.01",
        TrainSettings.MOMENTUM,
        "0.9");
  }
}
