package dev.lamina.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.datasets.DatasetCatalog;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EstimatesTest {
  private final Estimates estimates =
      new Estimates(
          configuration ->
              DatasetCatalog.list().stream()
                  .filter(data -> data.name().equals(configuration.get(TrainSettings.DATASET)))
                  .findFirst()
                  .orElseThrow());

  private static Configuration run(String device, int batch, int epochs) {
    Map<Setting<?>, String> flags = new LinkedHashMap<>();
    flags.put(TrainSettings.MODEL, "lenet5");
    flags.put(TrainSettings.DATASET, "mnist");
    flags.put(TrainSettings.DEVICE, device);
    flags.put(TrainSettings.BATCH_SIZE, Integer.toString(batch));
    flags.put(TrainSettings.EPOCHS, Integer.toString(epochs));
    return Configuration.resolve(flags, Map.of(), Optional.empty());
  }

  @Test
  void growWithTheWork() {
    estimates.learn(run("cpu", 64, 10), 60);
    assertEquals(60, estimates.seconds(run("cpu", 64, 10)).orElseThrow(), 1e-9);
    double longer = estimates.seconds(run("cpu", 64, 20)).orElseThrow();
    assertEquals(120, longer, 5);
  }

  @Test
  void takeAnotherBatchOnlyWhereTheOwnIsUnknown() {
    estimates.learn(run("cpu", 64, 10), 60);
    assertEquals(60, estimates.seconds(run("cpu", 8, 10)).orElseThrow(), 1e-9);
    estimates.learn(run("cpu", 8, 10), 600);
    assertEquals(600, estimates.seconds(run("cpu", 8, 10)).orElseThrow(), 1e-9);
    assertEquals(60, estimates.seconds(run("cpu", 64, 10)).orElseThrow(), 1e-9);
  }

  /** One device says nothing of another. */
  @Test
  void knowDevicesApart() {
    estimates.learn(run("cpu", 64, 10), 60);
    assertEquals(OptionalDouble.empty(), estimates.seconds(run("opencl:0", 64, 10)));
  }
}
