package dev.lamina.data;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The two halves of a published data set.
 *
 * @param train what a model learns from
 * @param test what it is measured on, never chosen by
 * @param provenance where the bytes came from: file name to hash and verdict ("official", "unknown
 *     content", "generated"), for the run's record
 */
public record DataSplits(Dataset train, Dataset test, Map<String, String> provenance) {
  /** Checks that both halves are of one kind. */
  public DataSplits {
    if (!train.spec().equals(test.spec())) {
      throw new DataException(
          "training samples ("
              + train.spec()
              + ") and test samples ("
              + test.spec()
              + ") of "
              + train.name()
              + " differ");
    }
    provenance = Collections.unmodifiableMap(new TreeMap<>(provenance));
  }

  /** Returns these halves with other samples to learn from. */
  public DataSplits withTrain(Dataset other) {
    return new DataSplits(other, test, provenance);
  }
}
