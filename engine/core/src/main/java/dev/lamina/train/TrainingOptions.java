package dev.lamina.train;

import dev.lamina.graph.Loss;
import dev.lamina.op.Augmentation;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a training run does; start from {@link #defaults()} and change it with the methods that
 * begin with "with", each of which returns other options. Immutable.
 */
public final class TrainingOptions {
  /** Whether a data set lies on the device as a whole. */
  public enum Residency {
    /** Where it fits easily. */
    AUTO,
    /** Always; too little memory is an error. */
    ALWAYS,
    /** Never: batches are streamed. */
    NEVER
  }

  private int epochs = 10;
  private int batchSize = 64;
  private Optimizer optimizer = new Optimizer.Sgd(0.9f, false, 0);
  private LearningRate learningRate = LearningRate.constant(0.01f);
  private Loss loss = Loss.crossEntropy();
  private Augmentation augmentation = Augmentation.NONE;
  private Optional<Float> clipNorm = Optional.empty();
  private float l1;
  private boolean decaysAll;
  private Optional<Float> averageDecay = Optional.empty();
  private Optional<Plateau> plateau = Optional.empty();
  private Optional<Integer> patience = Optional.empty();
  private double maxSeconds = Double.POSITIVE_INFINITY;
  private int accumulate = 1;
  private long seed = 1;
  private Residency residency = Residency.AUTO;
  private int loaderThreads = 1;

  private TrainingOptions() {}

  /** Returns 10 epochs of batches of 64 with SGD, rate 0.01, momentum 0.9. */
  public static TrainingOptions defaults() {
    return new TrainingOptions();
  }

  private TrainingOptions with(Consumer<TrainingOptions> change) {
    TrainingOptions copy = new TrainingOptions();
    copy.epochs = epochs;
    copy.batchSize = batchSize;
    copy.optimizer = optimizer;
    copy.learningRate = learningRate;
    copy.loss = loss;
    copy.augmentation = augmentation;
    copy.clipNorm = clipNorm;
    copy.l1 = l1;
    copy.decaysAll = decaysAll;
    copy.averageDecay = averageDecay;
    copy.plateau = plateau;
    copy.patience = patience;
    copy.maxSeconds = maxSeconds;
    copy.accumulate = accumulate;
    copy.seed = seed;
    copy.residency = residency;
    copy.loaderThreads = loaderThreads;
    change.accept(copy);
    return copy;
  }

  /** Returns the passes over the data. */
  public int epochs() {
    return epochs;
  }

  /** Returns these options with another number of epochs, at least 1. */
  public TrainingOptions withEpochs(int epochs) {
    positive("epochs", epochs);
    return with(options -> options.epochs = epochs);
  }

  /** Returns the rows of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Returns these options with another batch size, at least 1. */
  public TrainingOptions withBatchSize(int batchSize) {
    positive("batch size", batchSize);
    return with(options -> options.batchSize = batchSize);
  }

  /** Returns how parameters follow gradients. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /** Returns these options with another optimizer and a constant learning rate. */
  public TrainingOptions withOptimizer(Optimizer optimizer, float learningRate) {
    LearningRate constant = LearningRate.constant(learningRate);
    return with(
        options -> {
          options.optimizer = optimizer;
          options.learningRate = constant;
        });
  }

  /** Returns the rate of each update. */
  public LearningRate learningRate() {
    return learningRate;
  }

  /** Returns these options with another course of the learning rate. */
  public TrainingOptions withLearningRate(LearningRate learningRate) {
    return with(options -> options.learningRate = learningRate);
  }

  /** Returns what training makes small, and evaluation measures. */
  public Loss loss() {
    return loss;
  }

  /** Returns these options with another loss; cross-entropy unless given. */
  public TrainingOptions withLoss(Loss loss) {
    return with(options -> options.loss = loss);
  }

  /** Returns how samples are varied in training. */
  public Augmentation augmentation() {
    return augmentation;
  }

  /** Returns these options with samples varied so; as they are unless given. */
  public TrainingOptions withAugmentation(Augmentation augmentation) {
    return with(options -> options.augmentation = augmentation);
  }

  /** Returns the bound on the norm of all gradients together; empty for none. */
  public Optional<Float> clipNorm() {
    return clipNorm;
  }

  /** Returns these options with a bound on the gradients' norm, above 0. */
  public TrainingOptions withClipNorm(float norm) {
    if (!(norm > 0) || Float.isInfinite(norm)) {
      throw new IllegalArgumentException("clip norm must be above 0 and finite, not " + norm);
    }
    return with(options -> options.clipNorm = Optional.of(norm));
  }

  /**
   * Returns the weight of the sum of the parameters' absolute values in the loss, for parameters
   * that decay; 0 for none. Reported losses leave it out.
   */
  public float l1() {
    return l1;
  }

  /** Returns these options with a penalty on absolute values, at least 0. */
  public TrainingOptions withL1(float factor) {
    if (!(factor >= 0) || Float.isInfinite(factor)) {
      throw new IllegalArgumentException("L1 factor must be at least 0 and finite, not " + factor);
    }
    return with(options -> options.l1 = factor);
  }

  /** Returns whether biases and normalisations decay as weights do. */
  public boolean decaysAll() {
    return decaysAll;
  }

  /** Returns these options with weight decay and L1 for all parameters, or for weights alone. */
  public TrainingOptions withDecayOfAll(boolean all) {
    return with(options -> options.decaysAll = all);
  }

  /**
   * Returns the share of the past in the moving average of the parameters; empty for no average.
   */
  public Optional<Float> averageDecay() {
    return averageDecay;
  }

  /**
   * Returns these options with a moving average of the parameters, which is what evaluation and
   * prediction then compute with. Statistics of batch normalisations are taken as they are.
   *
   * @param decay share of the past at each update, at least 0 and below 1
   */
  public TrainingOptions withAverage(float decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "decay of the average must be at least 0 and below 1, not " + decay);
    }
    return with(options -> options.averageDecay = Optional.of(decay));
  }

  /** Returns how the rate follows the validation loss; empty if it does not. */
  public Optional<Plateau> plateau() {
    return plateau;
  }

  /** Returns these options with a rate that follows the validation loss too. */
  public TrainingOptions withPlateau(Plateau plateau) {
    return with(options -> options.plateau = Optional.of(plateau));
  }

  /** Returns after how many epochs without a lower validation loss a run ends; empty for never. */
  public Optional<Integer> patience() {
    return patience;
  }

  /** Returns these options with a run that ends where the validation loss no longer falls. */
  public TrainingOptions withPatience(int epochs) {
    positive("patience", epochs);
    return with(options -> options.patience = Optional.of(epochs));
  }

  /** Returns these options without what validation samples decide: neither plateau nor patience. */
  public TrainingOptions withoutValidation() {
    return with(
        options -> {
          options.plateau = Optional.empty();
          options.patience = Optional.empty();
        });
  }

  /**
   * Returns the seconds after which a run ends, at the next update and after one at least; infinite
   * for no bound.
   */
  public double maxSeconds() {
    return maxSeconds;
  }

  /** Returns these options with a bound on the time, above 0; such a run does not repeat itself. */
  public TrainingOptions withMaxSeconds(double seconds) {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("a run's time must be above 0 seconds, not " + seconds);
    }
    return with(options -> options.maxSeconds = seconds);
  }

  /** Returns the batches whose mean gradient makes one update. */
  public int accumulate() {
    return accumulate;
  }

  /** Returns these options with updates from several batches each, at least 1. */
  public TrainingOptions withAccumulate(int batches) {
    positive("accumulated batches", batches);
    return with(options -> options.accumulate = batches);
  }

  /** Returns the seed of shuffling and of what is drawn within steps. */
  public long seed() {
    return seed;
  }

  /** Returns these options with another seed. */
  public TrainingOptions withSeed(long seed) {
    return with(options -> options.seed = seed);
  }

  /** Returns whether the data set is kept on the device. */
  public Residency residency() {
    return residency;
  }

  /** Returns these options with another residency of the data. */
  public TrainingOptions withResidency(Residency residency) {
    return with(options -> options.residency = residency);
  }

  /** Returns the threads that fill the batch ring where the data set is not resident. */
  public int loaderThreads() {
    return loaderThreads;
  }

  /** Returns these options with that many loader threads, at least 1. */
  public TrainingOptions withLoaderThreads(int threads) {
    positive("loader threads", threads);
    return with(options -> options.loaderThreads = threads);
  }

  private static void positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, not " + value);
    }
  }
}
