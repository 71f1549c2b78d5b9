package dev.lamina.train;

/** Hears of a run's course, on the thread that runs it; what it throws ends the run. */
public interface TrainingListener {
  /** The run is set up and about to take its first step. */
  default void onStart(TrainingRun run) {}

  /** Results of some steps have been read: several times a second, at most once a step. */
  default void onProgress(TrainingRun run, Progress progress) {}

  /**
   * An epoch is over and evaluated; its figures are finite. {@link TrainingRun#position()} is the
   * start of the next one, or within this one if the run's time was up there.
   */
  default void onEpoch(TrainingRun run, EpochReport report) {}
}
