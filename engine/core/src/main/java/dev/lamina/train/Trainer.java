package dev.lamina.train;

import dev.lamina.data.Dataset;
import dev.lamina.exec.Model;
import java.util.Optional;

/** Trains models. */
public final class Trainer {
  private Trainer() {}

  /**
   * Trains a model from the beginning to the end of the options.
   *
   * @param model changed in place; on any device
   * @param dataset what it learns from, on every sample once an epoch
   * @throws DivergedException if the loss is no longer finite
   */
  public static TrainingResult fit(
      Model model, Dataset dataset, TrainingOptions options, TrainingListener... listeners) {
    try (TrainingRun run = start(model, dataset, Optional.empty(), options)) {
      return run.run(listeners);
    }
  }

  /**
   * Sets a run up: plans, feeds and memory are made here, steps are taken by {@link
   * TrainingRun#run}.
   *
   * @param evaluated data set on which the model is measured after each epoch; it chooses nothing
   * @return the run, to be closed before the model
   */
  public static TrainingRun start(
      Model model, Dataset dataset, Optional<Dataset> evaluated, TrainingOptions options) {
    return new TrainingRun(model, dataset, evaluated, options);
  }
}
