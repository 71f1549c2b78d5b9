package dev.lamina.train;

import static dev.lamina.train.TinyRuns.DATA;
import static dev.lamina.train.TinyRuns.OPTIONS;
import static dev.lamina.train.TinyRuns.cpuLike;
import static dev.lamina.train.TinyRuns.gpuLike;
import static dev.lamina.train.TinyRuns.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceWay;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training leaves in a model, and what the next one on that model makes of it. */
class SecondTrainingTest {
  @TempDir Path folder;

  private static void assertEqualValues(
      Map<String, float[]> expected, Map<String, float[]> actual) {
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
  }

  private static Model model(Device device, long seed) {
    return Model.create(device, TinyNetwork.graph(), seed, new Choices());
  }

  private Path trained(Model model, TrainingOptions options) throws IOException {
    Path file = Files.createTempFile(folder, "model", ".safetensors");
    try (TrainingRun run = Trainer.start(model, DATA, Optional.empty(), options)) {
      run.run();
      Checkpoint.save(file, run);
    }
    return file;
  }

  /** The velocity of one optimizer is no mean of another, and none of its own next run. */
  @Test
  void beginsWithParametersAlone() throws IOException {
    TrainingOptions adam = OPTIONS.withOptimizer(new Optimizer.Adam(1e-2f), 0.01f);
    for (TrainingOptions second : new TrainingOptions[] {adam, OPTIONS}) {
      try (Device device = gpuLike(ReferenceWay.CANONICAL);
          Model twice = model(device, 5);
          Model once = model(device, 6)) {
        trained(twice, adam);
        Path file = trained(twice, OPTIONS);
        try (TrainingRun run = Trainer.start(once, DATA, Optional.empty(), second)) {
          Checkpoint.open(file).restoreParameters(once);
          run.run();
        }
        Trainer.fit(twice, DATA, second);
        assertEqualValues(values(once), values(twice));
      }
    }
  }

  @Test
  void evaluatesWhatTheLastTrainingMade() throws IOException {
    TrainingOptions averaging = OPTIONS.withAverage(0.99f);
    try (Device device = cpuLike(ReferenceWay.values());
        Model model = model(device, 5);
        Model other = model(device, 6)) {
      Path averaged = trained(model, averaging);
      double average = loss(model);
      try (Evaluator evaluator = new Evaluator(other, DATA)) {
        Checkpoint.open(averaged).restoreParameters(other);
        assertEquals(average, evaluator.evaluate().loss(), 1e-6);
        Path plain = trained(model, OPTIONS);
        assertNotEquals(average, loss(model));
        Checkpoint.open(plain).restoreParameters(other);
        assertEquals(evaluator.evaluate().loss(), loss(model), 1e-6);
      }
      // a model that averages answers from what was put into it
      try (TrainingRun run = Trainer.start(other, DATA, Optional.empty(), averaging)) {
        double begun = loss(other);
        assertEquals(Position.START, run.position());
        Checkpoint.open(averaged).restoreParameters(other);
        assertEquals(average, loss(other), 1e-6);
        assertNotEquals(begun, loss(other));
      }
    }
  }

  private static double loss(Model model) {
    try (Evaluator evaluator = new Evaluator(model, DATA)) {
      return evaluator.evaluate().loss();
    }
  }

  /** Whoever is out of memory and tries again gets initial values, not zeros. */
  @Test
  void aModelThatCouldNotBeSettledCanBeTriedAgain() {
    Map<String, float[]> expected;
    TrainingOptions still = OPTIONS.withOptimizer(new Optimizer.Sgd(0, false, 0), 1e-30f);
    try (Device device = cpuLike(ReferenceWay.CANONICAL);
        Model model = model(device, 5)) {
      Trainer.fit(model, DATA, still);
      expected = values(model);
    }
    for (int failing = 1; failing <= 4; failing++) {
      try (ReferenceDevice device = ReferenceDevice.open();
          Model model = model(failingAt(device, failing), 5)) {
        assertThrows(DeviceOutOfMemoryException.class, () -> Trainer.fit(model, DATA, still));
        Trainer.fit(model, DATA, still);
        assertEqualValues(expected, values(model));
      }
    }
  }

  /** Refuses pinned memory for initial values once. */
  private static Device failingAt(Device device, int failing) {
    AtomicInteger asked = new AtomicInteger();
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("pinned")
                  && arguments[0].equals("initial values")
                  && asked.incrementAndGet() == failing) {
                throw new DeviceOutOfMemoryException("none left");
              }
              try {
                return method.invoke(device, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getCause();
              }
            });
  }
}
