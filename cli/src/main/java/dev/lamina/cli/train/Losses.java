package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.data.Dataset;
import dev.lamina.graph.Loss;
import dev.lamina.op.TargetLoss;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The loss that settings name. */
final class Losses {
  private Losses() {}

  /**
   * Returns the loss.
   *
   * @param train samples whose classes are counted for class weights
   * @throws UsageException if there are not as many class weights as classes
   */
  static Loss of(Configuration configuration, Dataset train) {
    String name = configuration.get(TrainSettings.LOSS);
    return switch (name) {
      case "mse" -> new Loss.ToTargets(TargetLoss.Kind.SQUARED);
      case "l1" -> new Loss.ToTargets(TargetLoss.Kind.ABSOLUTE);
      case "bce" -> new Loss.ToTargets(TargetLoss.Kind.BINARY);
      case "cross-entropy" ->
          new Loss.CrossEntropy(
              configuration.find(TrainSettings.LABEL_SMOOTHING).orElse(0.0).floatValue(),
              configuration
                  .find(TrainSettings.CLASS_WEIGHTS)
                  .map(text -> weights(text, train))
                  .orElse(List.of()));
      default -> throw new UsageException("there is no loss " + name);
    };
  }

  private static List<Float> weights(String text, Dataset train) {
    int classes = train.spec().classes();
    long[] counts = new long[classes];
    for (int i = 0; i < train.size(); i++) {
      counts[train.label(i)]++;
    }
    double[] weights = new double[classes];
    if (text.equals("balanced")) {
      for (int c = 0; c < classes; c++) {
        weights[c] = counts[c] == 0 ? 0 : 1.0 / counts[c];
      }
    } else {
      double[] given = Stream.of(text.split(",")).mapToDouble(Double::parseDouble).toArray();
      if (given.length != classes) {
        throw new UsageException(
            "--class-weights has %d weights, but %s has %d classes"
                .formatted(given.length, train.name(), classes));
      }
      weights = given;
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += weights[c] * counts[c];
    }
    if (!(sum > 0)) {
      throw new UsageException("--class-weights " + text + ": no sample would count");
    }
    List<Float> scaled = new ArrayList<>();
    for (double weight : weights) {
      scaled.add((float) (weight * train.size() / sum));
    }
    return scaled;
  }
}
