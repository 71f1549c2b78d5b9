package dev.lamina.train;

import java.util.Optional;

/**
 * What a training run does; start from {@link #defaults()}.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize rows of a batch
 * @param optimizer how parameters follow gradients
 * @param learningRate rate of each update
 * @param clipNorm bound on the norm of all gradients together; empty for none
 * @param accumulate batches whose mean gradient makes one update, at least 1
 * @param seed of shuffling
 * @param residency whether the data set is kept on the device
 * @param loaderThreads threads that fill the batch ring where the data set is not resident
 */
public record TrainingOptions(
    int epochs,
    int batchSize,
    Optimizer optimizer,
    LearningRate learningRate,
    Optional<Float> clipNorm,
    int accumulate,
    long seed,
    Residency residency,
    int loaderThreads) {

  /** Whether a data set lies on the device as a whole. */
  public enum Residency {
    /** Where it fits easily. */
    AUTO,
    /** Always; too little memory is an error. */
    ALWAYS,
    /** Never: batches are streamed. */
    NEVER
  }

  /** Checks the values. */
  public TrainingOptions {
    positive("epochs", epochs);
    positive("batch size", batchSize);
    positive("accumulated batches", accumulate);
    positive("loader threads", loaderThreads);
    clipNorm.ifPresent(
        norm -> {
          if (!(norm > 0) || norm.isInfinite()) {
            throw new IllegalArgumentException("clip norm must be above 0 and finite, not " + norm);
          }
        });
  }

  /** Returns 10 epochs of batches of 64 with SGD, rate 0.01, momentum 0.9. */
  public static TrainingOptions defaults() {
    return new TrainingOptions(
        10,
        64,
        new Optimizer.Sgd(0.9f, false, 0),
        LearningRate.constant(0.01f),
        Optional.empty(),
        1,
        1,
        Residency.AUTO,
        1);
  }

  /** Returns these options with another number of epochs. */
  public TrainingOptions withEpochs(int epochs) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with another batch size. */
  public TrainingOptions withBatchSize(int batchSize) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with another optimizer and a constant learning rate. */
  public TrainingOptions withOptimizer(Optimizer optimizer, float learningRate) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        LearningRate.constant(learningRate),
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with another course of the learning rate. */
  public TrainingOptions withLearningRate(LearningRate learningRate) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with a bound on the gradients' norm. */
  public TrainingOptions withClipNorm(float norm) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        Optional.of(norm),
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with updates from several batches each. */
  public TrainingOptions withAccumulate(int batches) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        batches,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with another seed. */
  public TrainingOptions withSeed(long seed) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with another residency of the data. */
  public TrainingOptions withResidency(Residency residency) {
    return new TrainingOptions(
        epochs,
        batchSize,
        optimizer,
        learningRate,
        clipNorm,
        accumulate,
        seed,
        residency,
        loaderThreads);
  }

  /** Returns these options with that many loader threads. */
  public TrainingOptions withLoaderThreads(int threads) {
    return new TrainingOptions(
        epochs, batchSize, optimizer, learningRate, clipNorm, accumulate, seed, residency, threads);
  }

  private static void positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, not " + value);
    }
  }
}
