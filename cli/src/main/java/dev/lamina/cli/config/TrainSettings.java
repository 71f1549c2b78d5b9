package dev.lamina.cli.config;

import dev.lamina.cli.config.Setting.Group;
import dev.lamina.device.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a training run can be told. A new setting is a constant here and its use. */
public final class TrainSettings {
  /** The network. */
  public static final Setting<String> MODEL =
      Setting.text(
          "model",
          Group.NETWORK,
          "MODEL",
          "Network; see lamina models. Or a Java file of your own.");

  /** Where networks of one's own are found. */
  public static final Setting<Path> CLASSPATH =
      Setting.path(
          "classpath",
          Group.NETWORK,
          "JAR",
          "Also look for the network among the model providers of a JAR or a folder of classes.");

  /** The values to begin with. */
  public static final Setting<Path> INIT =
      Setting.path(
          "init",
          Group.NETWORK,
          "FILE",
          "Begin with the tensors of a safetensors file that have the network's names and shapes.");

  /** The parameters that do not learn. */
  public static final Setting<String> FREEZE =
      Setting.text(
          "freeze",
          Group.NETWORK,
          "GLOB,...",
          "Keep parameters of such names as they are, as features.*,conv1.*.");

  /** The data set. */
  public static final Setting<String> DATASET =
      Setting.text(
          "dataset",
          Group.DATA,
          "NAME",
          "Data set; see lamina datasets. Or a folder of pictures, as ./photos, with a subfolder"
              + " for each class, or with such folders in train and test. Default: digits.");

  /** Folder with the data set's files. */
  public static final Setting<Path> DATA_DIR =
      Setting.path(
          "data-dir",
          Group.DATA,
          "DIR",
          "Folder with the data set's files; nothing is downloaded.");

  /** Extents of samples made of pictures. */
  public static final Setting<String> IMAGE_SIZE =
      Setting.extents("image-size", Group.FOLDER, "Scale pictures to N or HxW. Default: 64.");

  /** Whether pictures become grey. */
  public static final Setting<Boolean> GREY =
      Setting.flag("grey", Group.FOLDER, "Take the brightness of pictures alone.");

  /** Share of the pictures that is kept for testing. */
  public static final Setting<Double> TEST_SPLIT =
      Setting.number(
          "test-split",
          Group.FOLDER,
          0,
          false,
          1,
          "Where there are no test pictures: keep so large a share of each class. Default: 0.2.");

  /** How pixels become inputs of the network. */
  public static final Setting<String> NORMALIZE =
      Setting.choice(
          "normalize",
          Group.DATA,
          "What pixels become: statistics makes the mean of the training samples 0 and their"
              + " deviation 1, by channel; range is from -1 to 1; none is from 0 to 1. Default:"
              + " range for mnist and fashion-mnist, statistics for others.",
          List.of("statistics", "range", "none"));

  /** How many of the training samples are used. */
  public static final Setting<Long> TRAIN_LIMIT =
      Setting.integer(
          "train-limit",
          Group.DATA,
          1,
          Integer.MAX_VALUE,
          "Use the first N training samples only.");

  /** Share of training labels that are wrong on purpose. */
  public static final Setting<Double> LABEL_NOISE =
      Setting.number(
          "label-noise",
          Group.DATA,
          0,
          true,
          1,
          "Replace so large a share of the training labels by another class.");

  /** Probability of dropout. */
  public static final Setting<Double> DROPOUT =
      Setting.number(
          "dropout",
          Group.NETWORK,
          0,
          true,
          1,
          "Leave out so large a share of the activations before fully connected layers.");

  /** Nonlinearity. */
  public static final Setting<String> ACTIVATION =
      Setting.choice(
          "activation",
          Group.NETWORK,
          "Nonlinearity between layers. Default: relu.",
          List.of("relu", "leaky-relu", "elu", "sigmoid", "tanh"));

  /** Whether samples are mirrored. */
  public static final Setting<Boolean> FLIP =
      Setting.flag("flip", Group.AUGMENTATION, "Mirror every second sample, by chance.");

  /** Black pixels around a sample before a piece is cut out. */
  public static final Setting<Long> CROP =
      Setting.integer(
          "crop",
          Group.AUGMENTATION,
          0,
          1 << 14,
          "Add N black pixels on each side, and cut a piece of the old size out anywhere.");

  /** Largest angle in degrees. */
  public static final Setting<Long> ROTATION =
      Setting.integer("rotation", Group.AUGMENTATION, 0, 45, "Turn by up to N degrees either way.");

  /** Side of the square that is painted over. */
  public static final Setting<Long> CUTOUT =
      Setting.integer(
          "cutout",
          Group.AUGMENTATION,
          0,
          1 << 14,
          "Paint a square of N pixels over with the mean.");

  /** Change of brightness. */
  public static final Setting<Double> BRIGHTNESS = jitter("brightness", "Change brightness");

  /** Change of contrast. */
  public static final Setting<Double> CONTRAST = jitter("contrast", "Change contrast");

  /** Change of saturation. */
  public static final Setting<Double> SATURATION = jitter("saturation", "Change saturation");

  /** Passes over the data. */
  public static final Setting<Long> EPOCHS =
      Setting.integer("epochs", Group.TRAINING, 1, 1_000_000, "Passes over the data. Default: 10.");

  /** Samples per step. */
  public static final Setting<Long> BATCH_SIZE =
      Setting.integer("batch-size", Group.TRAINING, 1, 1 << 20, "Samples per step. Default: 64.");

  /** Batches per update. */
  public static final Setting<Long> ACCUMULATE =
      Setting.integer(
          "accumulate",
          Group.TRAINING,
          1,
          1 << 20,
          "Batches whose mean gradient makes one update. Default: 1.");

  /** Bound on the gradients' norm. */
  public static final Setting<Double> CLIP_NORM =
      Setting.number(
          "clip-norm",
          Group.TRAINING,
          0,
          false,
          Double.POSITIVE_INFINITY,
          "Bound on the norm of all gradients together.");

  /** What is made small. */
  public static final Setting<String> LOSS =
      Setting.choice(
          "loss",
          Group.TRAINING,
          "What is made small; mse, l1 and bce compare outputs with 1 for the class, 0"
              + " for others. Default: cross-entropy.",
          List.of("cross-entropy", "mse", "l1", "bce"));

  /** Share of the target that all classes get. */
  public static final Setting<Double> LABEL_SMOOTHING =
      Setting.number(
          "label-smoothing",
          Group.TRAINING,
          0,
          true,
          1,
          "With cross-entropy: share of the target that all classes get evenly.");

  /** How much classes count. */
  public static final Setting<String> CLASS_WEIGHTS =
      Setting.weights(
          "class-weights",
          Group.TRAINING,
          "With cross-entropy: how much each class counts, as balanced (by its share of the"
              + " training samples) or 1,2.5,1; scaled to a mean of 1 over the samples.");

  /** Where all random numbers come from. */
  public static final Setting<Long> SEED =
      Setting.integer(
          "seed",
          Group.TRAINING,
          0,
          Long.MAX_VALUE,
          "Where initial values and shuffling come from. Default: 1.");

  /** The rule of updates. */
  public static final Setting<String> OPTIMIZER =
      Setting.choice(
          "optimizer",
          Group.OPTIMIZER,
          "How parameters follow their gradients. Default: sgd.",
          List.of("sgd", "adam", "adamw", "rmsprop", "adagrad"));

  /** Learning rate. */
  public static final Setting<Double> LR =
      Setting.number(
          "lr",
          Group.OPTIMIZER,
          0,
          false,
          Double.POSITIVE_INFINITY,
          "Learning rate. Default: 0.01, of adam and adamw 0.001.");

  /** Momentum of SGD. */
  public static final Setting<Double> MOMENTUM =
      Setting.number(
          "momentum", Group.OPTIMIZER, 0, true, 1, "Momentum. Default: of sgd 0.9, of rmsprop 0.");

  /** Nesterov's form of momentum. */
  public static final Setting<Boolean> NESTEROV =
      Setting.flag(
          "nesterov", Group.OPTIMIZER, "With sgd: take the gradient ahead of the momentum.");

  /** The form of RMSprop that divides by the deviation. */
  public static final Setting<Boolean> CENTERED =
      Setting.flag(
          "centered",
          Group.OPTIMIZER,
          "With rmsprop: divide by the root of the gradients' variance, not of their mean square.");

  /** Weight decay. */
  public static final Setting<Double> WEIGHT_DECAY =
      Setting.number(
          "weight-decay",
          Group.OPTIMIZER,
          0,
          true,
          Double.POSITIVE_INFINITY,
          "Weight decay, not of biases and normalisations. Default: 0, of adamw 0.01.");

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

  /** The course of the learning rate. */
  public static final Setting<String> SCHEDULE =
      Setting.choice(
          "schedule",
          Group.SCHEDULE,
          "Course of the learning rate. Default: constant.",
          List.of("constant", "step", "multi-step", "cosine", "one-cycle", "plateau"));

  /** Epochs of a step. */
  public static final Setting<Long> STEP_EPOCHS =
      Setting.integer(
          "step-epochs",
          Group.SCHEDULE,
          1,
          1_000_000,
          "With step: epochs between two changes of the rate.");

  /** Epochs after which the rate changes. */
  public static final Setting<String> MILESTONES =
      Setting.increasing(
          "milestones",
          Group.SCHEDULE,
          "N,...",
          "With multi-step: epochs after which the rate changes.");

  /** What the rate is multiplied by. */
  public static final Setting<Double> LR_FACTOR =
      Setting.number(
          "lr-factor",
          Group.SCHEDULE,
          0,
          false,
          1,
          "With step, multi-step or plateau: what a change multiplies the rate by. Default: 0.1.");

  /** Epochs in which the rate rises. */
  public static final Setting<Double> WARMUP =
      Setting.number(
          "warmup",
          Group.SCHEDULE,
          0,
          true,
          Double.POSITIVE_INFINITY,
          "Epochs, whole or not, in which the rate rises at first.");

  /** The least rate. */
  public static final Setting<Double> MIN_LR =
      Setting.number(
          "min-lr",
          Group.SCHEDULE,
          0,
          true,
          Double.POSITIVE_INFINITY,
          "With cosine or plateau: the least rate. Default: 0.");

  /** Epochs without progress that the plateau schedule bears. */
  public static final Setting<Long> PLATEAU_PATIENCE =
      Setting.integer(
          "plateau-patience",
          Group.SCHEDULE,
          0,
          1_000_000,
          "With plateau: epochs without a lower validation loss that are borne. Default: 10.");

  /** Share of the training samples that is kept for validation. */
  public static final Setting<Double> VALIDATION_SPLIT =
      Setting.number(
          "validation-split",
          Group.VALIDATION,
          0,
          false,
          1,
          "Keep so large a share of each class's training samples for validation, and the"
              + " checkpoint of the lowest loss on them.");

  /** Epochs without progress after which a run ends. */
  public static final Setting<Long> EARLY_STOPPING =
      Setting.integer(
          "early-stopping",
          Group.VALIDATION,
          1,
          1_000_000,
          "End after N epochs without a lower validation loss.");

  /** Time after which a run ends. */
  public static final Setting<Double> MAX_TIME =
      Setting.time(
          "max-time", Group.VALIDATION, "End after so long, as 90s, 10m or 1.5h, and measure.");

  /** Batches that are learnt by heart. */
  public static final Setting<Long> OVERFIT_BATCHES =
      Setting.integer(
          "overfit-batches",
          Group.VALIDATION,
          1,
          1 << 20,
          "Train and measure on the first N batches alone: a network that works learns them by"
              + " heart.");

  /** Whether one step is tried and nothing kept. */
  public static final Setting<Boolean> DRY_RUN =
      Setting.flag(
          "dry-run",
          Group.VALIDATION,
          "Try one training step, one test batch and a checkpoint; keep nothing.");

  /** The device. */
  public static final Setting<String> DEVICE =
      Setting.text(
          "device",
          Group.DEVICE,
          "NAME",
          "Device, or auto for the best; see lamina devices. Default: auto.");

  /** Host threads of the device. */
  public static final Setting<Long> THREADS =
      Setting.integer(
          "threads", Group.DEVICE, 1, 4096, "Host threads of a CPU device. Default: all cores.");

  /** Arithmetic. */
  public static final Setting<String> PRECISION =
      Setting.choice(
          "precision",
          Group.DEVICE,
          "Arithmetic; parameters, statistics and losses are f32 in each. Default: f32.",
          Stream.of(Precision.values()).map(Precision::toString).toList());

  /** Whether data is kept in the device's memory. */
  public static final Setting<String> DATA_ON_DEVICE =
      Setting.choice(
          "data-on-device",
          Group.DEVICE,
          "Keep the data set in the device's memory; auto where it fits easily. Default: auto.",
          List.of("auto", "always", "never"));

  /** All settings, in the order in which to show them. */
  public static final List<Setting<?>> ALL =
      List.of(
          MODEL,
          DROPOUT,
          ACTIVATION,
          INIT,
          FREEZE,
          CLASSPATH,
          DATASET,
          DATA_DIR,
          NORMALIZE,
          TRAIN_LIMIT,
          LABEL_NOISE,
          IMAGE_SIZE,
          GREY,
          TEST_SPLIT,
          FLIP,
          CROP,
          ROTATION,
          CUTOUT,
          BRIGHTNESS,
          CONTRAST,
          SATURATION,
          EPOCHS,
          BATCH_SIZE,
          ACCUMULATE,
          CLIP_NORM,
          LOSS,
          LABEL_SMOOTHING,
          CLASS_WEIGHTS,
          SEED,
          OPTIMIZER,
          LR,
          MOMENTUM,
          NESTEROV,
          CENTERED,
          WEIGHT_DECAY,
          L1,
          DECAY_ALL,
          EMA,
          SCHEDULE,
          STEP_EPOCHS,
          MILESTONES,
          LR_FACTOR,
          WARMUP,
          MIN_LR,
          PLATEAU_PATIENCE,
          VALIDATION_SPLIT,
          EARLY_STOPPING,
          MAX_TIME,
          OVERFIT_BATCHES,
          DRY_RUN,
          DEVICE,
          THREADS,
          PRECISION,
          DATA_ON_DEVICE);

  /** Settings whose values only make sense for the optimizer they were chosen for. */
  static final List<Setting<?>> OF_OPTIMIZER =
      List.of(LR, MOMENTUM, NESTEROV, CENTERED, WEIGHT_DECAY);

  /** Settings that a run which goes on may be given anew. */
  public static final List<Setting<?>> RESUMABLE =
      List.of(EPOCHS, EARLY_STOPPING, MAX_TIME, DATA_DIR, DEVICE, THREADS, DATA_ON_DEVICE);

  private TrainSettings() {}

  /** Returns the setting of a key, whose words may be joined by hyphens too. */
  public static Optional<Setting<?>> find(String key) {
    return ALL.stream().filter(known -> known.key().equals(key.replace('-', '_'))).findFirst();
  }

  /** Returns the keys of all settings. */
  public static List<String> keys() {
    return ALL.stream().map(Setting::key).toList();
  }

  private static Setting<Double> jitter(String name, String what) {
    return Setting.number(
        name, Group.AUGMENTATION, 0, true, 1, what + " by up to so large a share.");
  }
}
