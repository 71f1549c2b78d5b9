package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.datasets.DatasetDescription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How long runs will take, by what like runs took: like in network, data and device, and best in
 * batch too.
 */
final class Estimates {
  /** Steps of evaluation cost about a third of those of training. */
  private static final double EVALUATION = 1 / 3.0;

  private record Taken(double seconds, double work) {
    Taken plus(double moreSeconds, double moreWork) {
      return new Taken(seconds + moreSeconds, work + moreWork);
    }
  }

  private final Function<Configuration, DatasetDescription> described;
  private final Map<String, Taken> known = new HashMap<>();

  /**
   * Knows nothing.
   *
   * @param described what is known of a run's data set before it is opened
   */
  Estimates(Function<Configuration, DatasetDescription> described) {
    this.described = described;
  }

  /** Learns from a run that took so long. */
  void learn(Configuration configuration, double seconds) {
    if (Double.isFinite(seconds)) {
      for (String key : keys(configuration)) {
        known.merge(
            key,
            new Taken(seconds, work(configuration)),
            (taken, more) -> taken.plus(more.seconds(), more.work()));
      }
    }
  }

  /** Learns from steps of training that went so fast. */
  void learnRate(Configuration configuration, double samplesPerSecond) {
    learn(configuration, work(configuration) / samplesPerSecond);
  }

  /** Returns the seconds that a run will take; empty if nothing like it is known. */
  OptionalDouble seconds(Configuration configuration) {
    for (String key : keys(configuration)) {
      Taken taken = known.get(key);
      if (taken != null) {
        return OptionalDouble.of(taken.seconds() / taken.work() * work(configuration));
      }
    }
    return OptionalDouble.empty();
  }

  /** From the most to the least like. */
  private static List<String> keys(Configuration configuration) {
    String like =
        Stream.of(
                TrainSettings.MODEL,
                TrainSettings.DATASET,
                TrainSettings.DEVICE,
                TrainSettings.PRECISION,
                TrainSettings.THREADS)
            .map(setting -> configuration.find(setting).map(Object::toString).orElse(""))
            .collect(Collectors.joining(" "));
    return List.of(like + " " + configuration.get(TrainSettings.BATCH_SIZE), like);
  }

  /** Samples to train on, those to evaluate on counted by what they cost. */
  private double work(Configuration configuration) {
    DatasetDescription data = described.apply(configuration);
    double train =
        Math.min(
            data.trainSize(), configuration.find(TrainSettings.TRAIN_LIMIT).orElse(Long.MAX_VALUE));
    double epochs = configuration.get(TrainSettings.EPOCHS);
    return epochs * train + EVALUATION * ((epochs + 1) * data.testSize() + train);
  }
}
