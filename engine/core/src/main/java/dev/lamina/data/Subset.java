package dev.lamina.data;

import dev.lamina.random.Philox;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Some samples of a data set, in an order of their own. */
public final class Subset implements Dataset {
  /** Random stream of stratified parts. */
  private static final long SPLIT_STREAM = 3;

  private final Dataset all;
  private final int[] indices;

  /**
   * Makes the subset.
   *
   * @param indices samples of the data set; copied
   * @throws DataException if there are none, or one is outside of the data set
   */
  public Subset(Dataset all, int... indices) {
    this.all = all;
    this.indices = indices.clone();
    if (indices.length == 0) {
      throw new DataException("a part of data set " + all.name() + " has no samples");
    }
    for (int index : indices) {
      if (index < 0 || index >= all.size()) {
        throw new DataException(
            "data set %s has no sample %d, only %d".formatted(all.name(), index, all.size()));
      }
    }
  }

  /**
   * Two parts of a data set.
   *
   * @param rest what is left, in its order
   * @param part what was taken, in its order
   */
  public record Parts(Dataset rest, Dataset part) {}

  /**
   * Takes the same share of each class, drawn by the seed: of {@code n} samples of a class {@code
   * round(n * share)}.
   *
   * @param share above 0 and below 1
   * @throws DataException if a part would be without samples
   */
  public static Parts stratified(Dataset all, double share, long seed) {
    if (!(share > 0 && share < 1)) {
      throw new DataException("a part must be above 0 and below 1 of the samples, not " + share);
    }
    Philox random = new Philox(seed, SPLIT_STREAM);
    List<List<Integer>> byClass = new ArrayList<>();
    for (int c = 0; c < all.spec().classes(); c++) {
      byClass.add(new ArrayList<>());
    }
    for (int i = 0; i < all.size(); i++) {
      byClass.get(all.label(i)).add(i);
    }
    boolean[] taken = new boolean[all.size()];
    int count = 0;
    for (int c = 0; c < byClass.size(); c++) {
      List<Integer> samples = byClass.get(c);
      int[] order = random.permutation(samples.size(), c);
      int wanted = (int) Math.round(samples.size() * share);
      for (int i = 0; i < wanted; i++) {
        taken[samples.get(order[i])] = true;
        count++;
      }
    }
    if (count == 0 || count == all.size()) {
      throw new DataException(
          "%s of the %d samples of data set %s leave one part empty"
              .formatted(share, all.size(), all.name()));
    }
    int[] part = new int[count];
    int[] rest = new int[all.size() - count];
    int parts = 0;
    int rests = 0;
    for (int i = 0; i < taken.length; i++) {
      if (taken[i]) {
        part[parts++] = i;
      } else {
        rest[rests++] = i;
      }
    }
    return new Parts(new Subset(all, rest), new Subset(all, part));
  }

  /** Returns the samples' numbers in the whole data set. */
  public int[] indices() {
    return Arrays.copyOf(indices, indices.length);
  }

  @Override
  public String name() {
    return all.name();
  }

  @Override
  public SampleSpec spec() {
    return all.spec();
  }

  @Override
  public Normalization normalization() {
    return all.normalization();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public int label(int index) {
    return all.label(indices[index]);
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    all.read(indices[index], destination);
  }
}
