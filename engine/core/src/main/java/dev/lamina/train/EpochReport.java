package dev.lamina.train;

import java.util.Optional;

/**
 * What one epoch came to.
 *
 * @param epoch from 1
 * @param updates updates since the run began
 * @param trainLoss mean loss over the epoch, as the model changed
 * @param trainAccuracy share of right answers over the epoch, 0 to 1
 * @param validation loss and accuracy on the validation samples after the epoch, if there are any
 * @param test loss and accuracy on the evaluated data set after the epoch, if one was given
 * @param samplesPerSecond input included, evaluation excluded; NaN where a resumed run had only the
 *     epoch's evaluation left to do
 * @param seconds time of the epoch's training part
 * @param inputWaitFraction share of that time spent waiting for data, 0 to 1
 * @param learningRate rate of the last update
 */
public record EpochReport(
    int epoch,
    long updates,
    double trainLoss,
    double trainAccuracy,
    Optional<Evaluation> validation,
    Optional<Evaluation> test,
    double samplesPerSecond,
    double seconds,
    double inputWaitFraction,
    float learningRate) {

  /**
   * Loss and accuracy on a whole data set.
   *
   * @param loss mean over rows
   * @param accuracy share of right answers, 0 to 1
   */
  public record Evaluation(double loss, double accuracy) {}
}
