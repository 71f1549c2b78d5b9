package dev.lamina.cli.experiment;

import java.util.Map;

/**
 * What has become of a planned run.
 *
 * @param folder its folder within the experiment's; empty where there is none yet
 * @param figures what it came to, by name
 */
record KnownRun(Status status, String folder, Map<String, Double> figures) {
  /** How far a run is. */
  enum Status {
    /** Not begun, or begun and to be begun again. */
    PLANNED("to do"),
    /** Stopped with a checkpoint to go on from. */
    STOPPED("stopped"),
    /** Under way. */
    RUNNING("running"),
    /** Ended with figures. */
    FINISHED("finished"),
    /** Ended since its loss was no longer finite; it would do so again. */
    DIVERGED("diverged");

    private final String text;

    Status(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  static final KnownRun PLANNED = new KnownRun(Status.PLANNED, "", Map.of());

  /** Returns whether nothing is left to do. */
  boolean ended() {
    return status == Status.FINISHED || status == Status.DIVERGED;
  }
}
