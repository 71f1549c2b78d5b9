package dev.lamina.train;

import dev.lamina.data.BatchFeed;
import dev.lamina.data.BatchRing;
import dev.lamina.data.Dataset;
import dev.lamina.data.ResidentFeed;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.tensor.ShapeException;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides whether a data set lies on the device or is streamed. */
final class Feeds {
  /** Share of the memory we may take that a data set may have before it is streamed. */
  private static final int LARGEST_SHARE = 4;

  private Feeds() {}

  static void checkClasses(Model model, SampleSpec spec) {
    long outputs = model.graph().output().spec().dim(1);
    if (outputs != spec.classes()) {
      throw new ShapeException(
          "model "
              + model.graph().name()
              + " tells "
              + outputs
              + " classes apart, but the samples have "
              + spec.classes());
    }
  }

  static BatchFeed open(
      Device device, Dataset dataset, int batch, Residency residency, int threads) {
    return resident(device, dataset, residency)
        ? new ResidentFeed(device, dataset)
        : new BatchRing(device, dataset, batch, threads);
  }

  /**
   * Decides, and stays with what a run recorded that is to be repeated. What is only remembered
   * does not count: memory may have changed since, and deciding costs nothing.
   */
  static Residency decide(Device device, Dataset dataset, Residency residency, Choices choices) {
    if (residency != Residency.AUTO) {
      return residency;
    }
    String key = "residency of " + dataset.name() + " " + dataset.size();
    Optional<Residency> recorded =
        choices
            .get(key)
            .filter(name -> choices.binding())
            .flatMap(
                name ->
                    Stream.of(Residency.ALWAYS, Residency.NEVER)
                        .filter(one -> one.name().equals(name))
                        .findFirst());
    if (recorded.isPresent()) {
      return recorded.get();
    }
    boolean resident = resident(device, dataset, residency);
    return Residency.valueOf(
        choices.decide(key, (resident ? Residency.ALWAYS : Residency.NEVER).name()));
  }

  private static boolean resident(Device device, Dataset dataset, Residency residency) {
    return switch (residency) {
      case ALWAYS -> true;
      case NEVER -> false;
      case AUTO ->
          ResidentFeed.bytes(dataset) <= device.memoryLimit() / LARGEST_SHARE
              && ResidentFeed.bytes(dataset) <= device.maxAllocation();
    };
  }
}
