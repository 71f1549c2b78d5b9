package dev.lamina.train;

import java.util.List;

/**
 * The learning rate over a run. The factories follow PyTorch's schedules of the same names; steps
 * count from 0.
 */
@FunctionalInterface
public interface LearningRate {
  /**
   * Where a run stands.
   *
   * @param update number of the update, from 0
   * @param updatesPerEpoch updates of an epoch, at least 1
   * @param epochs epochs of the whole run
   */
  record Moment(long update, long updatesPerEpoch, int epochs) {
    /** Returns the updates of the whole run. */
    public long updates() {
      return updatesPerEpoch * epochs;
    }

    /** Returns the epoch under way, from 0. */
    public int epoch() {
      return (int) (update / updatesPerEpoch);
    }
  }

  /** Returns the rate of one update. */
  float at(Moment moment);

  /** Returns the same rate throughout. */
  static LearningRate constant(float rate) {
    positive("learning rate", rate);
    return moment -> rate;
  }

  /** Multiplies the rate by a factor after each {@code every} epochs ({@code StepLR}). */
  static LearningRate step(float rate, int every, float factor) {
    positive("learning rate", rate);
    positive("factor of the rate", factor);
    if (every < 1) {
      throw new IllegalArgumentException("a step must be of at least 1 epoch, not " + every);
    }
    return moment -> (float) (rate * Math.pow(factor, moment.epoch() / every));
  }

  /**
   * Multiplies the rate by a factor after each of these epochs ({@code MultiStepLR}).
   *
   * @param milestones counts of completed epochs, increasing
   */
  static LearningRate multiStep(float rate, List<Integer> milestones, float factor) {
    positive("learning rate", rate);
    positive("factor of the rate", factor);
    List<Integer> epochs = List.copyOf(milestones);
    for (int i = 0; i < epochs.size(); i++) {
      if (epochs.get(i) < 1 || (i > 0 && epochs.get(i) <= epochs.get(i - 1))) {
        throw new IllegalArgumentException("milestones must increase from 1, not be " + epochs);
      }
    }
    return moment -> {
      long passed = epochs.stream().filter(epoch -> epoch <= moment.epoch()).count();
      return (float) (rate * Math.pow(factor, passed));
    };
  }

  /**
   * Lowers the rate along half a cosine to a minimum at the end of the run, update by update
   * (Loshchilov and Hutter, "SGDR", 2017, without restarts); before that it rises in equal steps.
   *
   * @param warmUpEpochs length of the rise; 0 for none
   */
  static LearningRate cosine(float rate, float minimum, float warmUpEpochs) {
    positive("learning rate", rate);
    notNegative("warm-up", warmUpEpochs);
    if (!(minimum >= 0 && minimum <= rate)) {
      throw new IllegalArgumentException(
          "the least rate must be from 0 to the rate " + rate + ", not " + minimum);
    }
    return moment -> {
      double rise = Math.min(moment.updates(), (double) warmUpEpochs * moment.updatesPerEpoch());
      if (moment.update() < rise) {
        return (float) (rate * Math.min(1, (moment.update() + 1) / rise));
      }
      double share = (moment.update() - rise) / Math.max(1, moment.updates() - rise);
      return (float) (minimum + (rate - minimum) * (1 + Math.cos(Math.PI * share)) / 2);
    };
  }

  /**
   * Raises the rate from 1/25 of it to itself over the first 30 % of the run and lowers it to
   * 1/10,000 of where it began, both along half a cosine ({@code OneCycleLR} with its defaults, but
   * a momentum that stays; Smith and Topin, "Super-convergence", 2018).
   */
  static LearningRate oneCycle(float rate) {
    positive("learning rate", rate);
    double first = rate / 25.0;
    double last = first / 1e4;
    return moment -> {
      double top = 0.3 * moment.updates() - 1;
      double end = moment.updates() - 1.0;
      double at = moment.update();
      return at <= top
          ? (float) between(first, rate, top > 0 ? at / top : 1)
          : (float) between(rate, last, end > top ? (at - top) / (end - top) : 1);
    };
  }

  private static double between(double from, double to, double share) {
    return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
  }

  /**
   * Returns this course with its first epochs scaled: by equal steps from near 0 to 1.
   *
   * @param epochs length of the rise; 0 for none
   */
  default LearningRate withWarmUp(float epochs) {
    notNegative("warm-up", epochs);
    return moment -> {
      double rise = (double) epochs * moment.updatesPerEpoch();
      float rate = at(moment);
      return moment.update() < rise
          ? (float) (rate * Math.min(1, (moment.update() + 1) / rise))
          : rate;
    };
  }

  private static void positive(String what, float value) {
    if (!(value > 0) || Float.isInfinite(value)) {
      throw new IllegalArgumentException(what + " must be above 0 and finite, not " + value);
    }
  }

  private static void notNegative(String what, float value) {
    if (!(value >= 0) || Float.isInfinite(value)) {
      throw new IllegalArgumentException(what + " must be at least 0 and finite, not " + value);
    }
  }
}
