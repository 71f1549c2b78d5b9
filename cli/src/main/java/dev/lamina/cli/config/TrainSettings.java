package dev.lamina.cli.config;

import dev.lamina.cli.config.Setting.Group;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a training run can be told. A new setting is a constant here and its use. */
public final class TrainSettings {
  /** The network. */
  public static final Setting<String> MODEL =
      Setting.text("model", Group.DATA, "MODEL", "Network; see lamina models.");

  /** The data set. */
  public static final Setting<String> DATASET =
      Setting.text("dataset", Group.DATA, "NAME", "Data set; see lamina datasets.");

  /** Folder with the data set's files. */
  public static final Setting<Path> DATA_DIR =
      Setting.path(
          "data-dir",
          Group.DATA,
          "DIR",
          "Folder with the data set's files; nothing is downloaded.");

  /** How many of the training samples are used. */
  public static final Setting<Long> TRAIN_LIMIT =
      Setting.integer(
          "train-limit",
          Group.DATA,
          1,
          Integer.MAX_VALUE,
          "Use the first N training samples only.");

  /** Probability of dropout. */
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "dropout",
          Group.DATA,
          0,
          true,
          1,
          "Leave out so large a share of the activations before fully connected layers.");

  /** Passes over the data. */
  public static final Setting<Long> EPOCHS =
      Setting.integer("epochs", Group.TRAINING, 1, 1_000_000, "Passes over the data.");

  /** Samples per step. */
  public static final Setting<Long> BATCH_SIZE =
      Setting.integer("batch-size", Group.TRAINING, 1, 1 << 20, "Samples per step.");

  /** Batches per update. */
  public static final Setting<Long> ACCUMULATE =
      Setting.integer(
          "accumulate",
          Group.TRAINING,
          1,
          1 << 20,
          "Batches whose mean gradient makes one update.");

  /** Bound on the gradients' norm. */
  public static final Setting<Double> CLIP_NORM =
      Setting.number(
          "clip-norm",
          Group.TRAINING,
          0,
          false,
          Double.POSITIVE_INFINITY,
          "Bound on the norm of all gradients together.");

  /** Where all random numbers come from. */
  public static final Setting<Long> SEED =
      Setting.integer(
          "seed",
          Group.TRAINING,
          0,
          Long.MAX_VALUE,
          "Where initial values and shuffling come from.");

  /** The rule of updates. */
  public static final Setting<String> OPTIMIZER =
      Setting.choice(
          "optimizer",
          Group.OPTIMIZER,
          "How parameters follow their gradients.",
          List.of("sgd", "adam", "adamw", "rmsprop", "adagrad"));

  /** Learning rate. */
  public static final Setting<Double> LR =
      Setting.number("lr", Group.OPTIMIZER, 0, false, Double.POSITIVE_INFINITY, "Learning rate.");

  /** Momentum of SGD. */
  public static final Setting<Double> MOMENTUM =
      Setting.number("momentum", Group.OPTIMIZER, 0, true, 1, "Momentum of sgd or rmsprop.");

  /** Nesterov's form of momentum. */
  public static final Setting<Boolean> NESTEROV =
      Setting.flag("nesterov", Group.OPTIMIZER, "Take sgd's gradient ahead of the momentum.");

  /** Weight decay. */
  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number(
          "weight-decay",
          Group.OPTIMIZER,
          0,
          true,
          Double.POSITIVE_INFINITY,
          "Weight decay, not of biases and normalisations.");

  /** Penalty on absolute values. */
  public static final Setting<Double> L1 =
      Setting.number(
          "l1",
          Group.OPTIMIZER,
          0,
          true,
          Double.POSITIVE_INFINITY,
          "Weight of the sum of absolute values in the loss, not of biases and normalisations.");

  /** Whether biases and normalisations decay. */
  public static final Setting<Boolean> DECAY_ALL =
      Setting.flag(
          "decay-all", Group.OPTIMIZER, "Weight decay and l1 for biases and normalisations too.");

  /** Share of the past in the average of the parameters. */
  public static final Setting<Double> EMA =
      Setting.number(
          "ema",
          Group.OPTIMIZER,
          0,
          true,
          1,
          "Keep a moving average of the parameters with so large a share of the past, and measure"
              + " with that.");

  /** The device. */
  public static final Setting<String> DEVICE =
      Setting.text(
          "device", Group.DEVICE, "NAME", "Device, or auto for the best; see lamina devices.");

  /** Host threads of the device. */
  public static final Setting<Long> THREADS =
      Setting.integer(
          "threads", Group.DEVICE, 1, 4096, "Host threads of a CPU device. Default: all cores.");

  /** Whether data is kept in the device's memory. */
  public static final Setting<String> DATA_ON_DEVICE =
      Setting.choice(
          "data-on-device",
          Group.DEVICE,
          "Keep the data set in the device's memory; auto where it fits easily.",
          List.of("auto", "always", "never"));

  /** All settings, in the order in which to show them. */
  public static final List<Setting<?>> ALL =
      List.of(
          MODEL,
          DATASET,
          DATA_DIR,
          TRAIN_LIMIT,
          DROPOUT,
          EPOCHS,
          BATCH_SIZE,
          ACCUMULATE,
          CLIP_NORM,
          SEED,
          OPTIMIZER,
          LR,
          MOMENTUM,
          NESTEROV,
          WEIGHT_DECAY,
          L1,
          DECAY_ALL,
          EMA,
          DEVICE,
          THREADS,
          DATA_ON_DEVICE);

  /** Settings whose values only make sense for the optimizer they were chosen for. */
  static final List<Setting<?>> OF_OPTIMIZER = List.of(LR, MOMENTUM, NESTEROV, WEIGHT_DECAY);

  /** Settings that a run which goes on may be given anew. */
  public static final List<Setting<?>> RESUMABLE =
      List.of(EPOCHS, DATA_DIR, DEVICE, THREADS, DATA_ON_DEVICE);

  private TrainSettings() {}

  /** Returns the setting of a key, whose words may be joined by hyphens too. */
  public static Optional<Setting<?>> find(String key) {
    return ALL.stream().filter(known -> known.key().equals(key.replace('-', '_'))).findFirst();
  }

  /** Returns the keys of all settings. */
  public static List<String> keys() {
    return ALL.stream().map(Setting::key).toList();
  }
}
