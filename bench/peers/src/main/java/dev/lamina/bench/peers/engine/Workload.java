package dev.lamina.bench.peers.engine;

import dev.lamina.bench.peers.engine.Network.Parameter;
import dev.lamina.random.Philox;
import java.nio.FloatBuffer;

/**
 * The numbers every engine computes on: images, labels and initial weights, each a function of the
 * seed alone.
 *
 * <p>An image is the pattern of its class under noise of twice its strength: the loss falls from
 * the first steps on, so that two engines whose steps differ in anything (an optimizer without
 * momentum, a transposed weight) part within a few steps; and the noise keeps it from reaching zero
 * at once.
 *
 * @param network what is trained
 * @param batchSize images a batch
 * @param batches how many different batches there are; steps take them in turn
 * @param seed decides every number
 */
public record Workload(Network network, int batchSize, int batches, long seed) {
  /**
   * Momentum of SGD, without dampening and without Nesterov's correction: {@code v = MOMENTUM·v +
   * g, w -= rate·v} with the network's learning rate.
   */
  public static final float MOMENTUM = 0.9f;

  private static final int PATTERN_STREAM = 1;
  private static final int NOISE_STREAM = 2;
  private static final int LABEL_STREAM = 3;
  private static final int WEIGHT_STREAM = 4;

  private static final float PATTERN_STRENGTH = 0.5f;

  /** Checks the sizes. */
  public Workload {
    if (batchSize < 1 || batches < 1) {
      throw new IllegalArgumentException(
          "a workload needs at least one batch of one image, not "
              + batches
              + " batches of "
              + batchSize);
    }
  }

  /** Returns the number of floats in the images of one batch. */
  public int imageFloats() {
    return Math.toIntExact(batchSize * network.image().elements());
  }

  /** Returns the label of every image in batch {@code batch}, each in {@code [0, classes)}. */
  public int[] labels(int batch) {
    Philox random = new Philox(seed, LABEL_STREAM);
    int[] labels = new int[batchSize];
    for (int row = 0; row < batchSize; row++) {
      labels[row] = random.below(network.classes(), batch, row);
    }
    return labels;
  }

  /**
   * Writes the images of batch {@code batch}, {@code [n,c,h,w]}, at the position of {@code target}
   * and advances it by {@link #imageFloats()}.
   */
  public void writeImages(int batch, FloatBuffer target) {
    Philox patterns = new Philox(seed, PATTERN_STREAM);
    Philox noise = new Philox(seed, NOISE_STREAM);
    int[] labels = labels(batch);
    int pixels = Math.toIntExact(network.image().elements());
    for (int row = 0; row < batchSize; row++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        float pattern = symmetric(patterns, labels[row], pixel);
        target.put(
            PATTERN_STRENGTH * pattern + symmetric(noise, batch, (long) row * pixels + pixel));
      }
    }
  }

  /** The initial value of each element of one parameter. */
  @FunctionalInterface
  public interface InitialValues {
    /** Returns the value of an element, counted in the parameter's logical order. */
    float at(long element);
  }

  /**
   * Returns the initial values of parameter {@code index} of the network.
   *
   * <p>Weights are even in ±√(6 / fan-in), biases even in ±0.1, scales of normalisations in ±0.1
   * around theirs: not constant, so that one in the wrong place shows in the first loss.
   */
  public InitialValues initialValues(int index) {
    Parameter parameter = network.parameters().get(index);
    Philox random = new Philox(seed, WEIGHT_STREAM);
    long size = parameter.shape().elements();
    int rank = parameter.shape().rank();
    float bound = rank == 1 ? 0.1f : (float) Math.sqrt(6.0 * parameter.shape().dim(0) / size);
    float centre = parameter.centre();
    return element -> centre + bound * symmetric(random, index, element);
  }

  /**
   * Writes the initial values of parameter {@code index} of the network at the position of {@code
   * target} and advances it by the parameter's size.
   */
  public void writeInitialValues(int index, FloatBuffer target) {
    InitialValues values = initialValues(index);
    long size = network.parameters().get(index).shape().elements();
    for (long element = 0; element < size; element++) {
      target.put(values.at(element));
    }
  }

  private static float symmetric(Philox random, long step, long element) {
    return 2 * random.uniform(step, element) - 1;
  }
}
