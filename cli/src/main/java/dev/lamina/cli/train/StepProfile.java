package dev.lamina.cli.train;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.ExecutionPlan.Timing;
import dev.lamina.exec.Model;
import dev.lamina.exec.Peak;
import dev.lamina.exec.Profile;
import dev.lamina.io.AtomicFile;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the time of a training step goes, written beside a run that has ended. */
final class StepProfile {
  static final String TABLE = "profile.txt";
  static final String TRACE = "profile.trace.json";

  private StepProfile() {}

  /** Starts more of the training; the model is not that of the run afterwards. */
  static TrainingRun start(Model model, Dataset samples, TrainingOptions options) {
    return Trainer.start(model, samples, Optional.empty(), options.withoutValidation());
  }

  /**
   * Takes some steps, task by task, and writes the least time of each task as a table, all of them
   * as a trace that Chrome and Perfetto show.
   *
   * @return whether it did: nothing is written if the run is cancelled meanwhile
   */
  static boolean write(TrainingRun run, int steps, Path folder) throws IOException {
    Device device = run.model().device();
    List<List<Timing>> timings = run.timedSteps(steps);
    if (timings.size() < steps) {
      return false;
    }
    String step = run.plan().schedule().name();
    Profile least =
        Profile.of(
            device, "%s, least of %d steps".formatted(step, steps), ExecutionPlan.least(timings));
    Profile measured =
        new Profile(least.plan(), least.device(), least.spans(), Optional.of(peak(device)));
    AtomicFile.write(folder.resolve(TABLE), measured.table().getBytes(StandardCharsets.UTF_8));
    List<Timing> all = timings.stream().flatMap(List::stream).toList();
    Profile.of(device, step, all).writeChromeTrace(folder.resolve(TRACE));
    return true;
  }

  private static Peak peak(Device device) {
    device.turn().lock();
    try {
      return Peak.measure(device);
    } finally {
      device.turn().unlock();
    }
  }
}
