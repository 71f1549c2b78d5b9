package dev.lamina.data;

import dev.lamina.random.Philox;
import java.nio.ByteBuffer;

/**
 * A data set with symmetric label noise: each label is kept with probability {@code 1 - noise},
 * else it is one of the other classes, each as likely. Which labels are wrong follows from the seed
 * and stays so.
 */
public final class NoisyLabels implements Dataset {
  private static final long STREAM = 4;

  private final Dataset clean;
  private final int[] labels;

  /**
   * Makes the data set.
   *
   * @param noise share of labels to change, at least 0 and at most 1
   * @throws DataException if the share is none
   */
  public NoisyLabels(Dataset clean, double noise, long seed) {
    if (!(noise >= 0 && noise <= 1)) {
      throw new DataException("label noise must be from 0 to 1, not " + noise);
    }
    this.clean = clean;
    labels = new int[clean.size()];
    Philox random = new Philox(seed, STREAM);
    int classes = clean.spec().classes();
    for (int i = 0; i < labels.length; i++) {
      int label = clean.label(i);
      if (random.uniform(0, i) < noise) {
        label = (label + 1 + random.below(classes - 1, 1, i)) % classes;
      }
      labels[i] = label;
    }
  }

  @Override
  public String name() {
    return clean.name();
  }

  @Override
  public SampleSpec spec() {
    return clean.spec();
  }

  @Override
  public Normalization normalization() {
    return clean.normalization();
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    clean.read(index, destination);
  }
}
