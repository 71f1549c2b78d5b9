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
    return start(model, dataset, Optional.empty(), evaluated, options);
  }

  /**
   * Sets a run up whose course may depend on samples that it does not learn from.
   *
   * @param validation samples whose loss after each epoch lowers the rate or ends the run, where
   *     the options say so
   * @param evaluated data set on which the model is measured after each epoch; it chooses nothing
   * @return the run, to be closed before the model
   * @throws IllegalArgumentException if the options need validation samples and there are none
   */
  public static TrainingRun start(
      Model model,
      Dataset dataset,
      Optional<Dataset> validation,
      Optional<Dataset> evaluated,
      TrainingOptions options) {
    if (validation.isEmpty() && (options.plateau().isPresent() || options.patience().isPresent())) {
      throw new IllegalArgumentException(
          "plateau and patience watch the validation loss, but there are no validation samples");
    }
    return new TrainingRun(model, dataset, validation, evaluated, options);
  }
}
