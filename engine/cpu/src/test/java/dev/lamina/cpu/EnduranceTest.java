package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.op.Window;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Predictor;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingListener;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must hold for a process over a long time, and in a small heap. */
class EnduranceTest {
  /** A leak of 1 % in 9,000 steps is some 100 bytes a step. */
  @Test
  void residentMemoryIsFlat() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "needs Linux's /proc");
    // The heap is touched at once and the compiler kept small, so that neither looks like a leak.
    String[] printed =
        output(
                start(
                    LongRun.class,
                    "-Xmx32m",
                    "-Xms32m",
                    "-XX:+AlwaysPreTouch",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1"))
            .split(" ");
    long early = Long.parseLong(printed[0]);
    long late = Long.parseLong(printed[1]);
    assertTrue(late <= early * 1.01, early + " kB by step 2,000, " + late + " kB by step 10,000");
  }

  /** The heap holds no tensors. */
  @Test
  void aPlanLargerThanTheHeapTrains() throws Exception {
    String printed = output(start(LargePlan.class, "-Xmx128m"));
    assertTrue(Long.parseLong(printed) > 512_000_000, printed + " bytes");
  }

  @Test
  void manyShortLivedThreadsPredict() throws Exception {
    // The JVM's own threads are kept from coming and going with the work at hand.
    assertEquals(
        "flat",
        output(
            start(
                ManyThreads.class,
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:-UseDynamicNumberOfCompilerThreads")));
  }

  private static Process start(Class<?> main, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String output(Process process) throws Exception {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "process still runs; printed: " + text);
    assertEquals(0, process.exitValue(), text);
    return text.strip();
  }

  private static Device device() {
    return new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(2));
  }

  static final class LongRun {
    public static void main(String[] arguments) {
      try (Device device = device();
          Model model =
              Model.create(
                  device, SmallNetwork.graph(12, 8, Window.of(3).pad(1)), 1, new Choices())) {
        // 50 steps an epoch, the last one short.
        TrainingOptions options =
            TrainingOptions.defaults().withEpochs(200).withBatchSize(8).withLoaderThreads(2);
        Trainer.fit(
            model,
            SmallNetwork.dataset(12, 50 * 8 - 3),
            options.withResidency(TrainingOptions.Residency.NEVER),
            new TrainingListener() {
              private long early;
              private long late = Long.MAX_VALUE;

              @Override
              public void onEpoch(TrainingRun run, EpochReport report) {
                if (report.updates() >= 1_000 && report.updates() <= 2_000) {
                  early = Math.max(early, residentKilobytes());
                }
                if (report.updates() >= 9_000) {
                  late = Math.min(late, residentKilobytes());
                }
                if (report.updates() == 10_000) {
                  System.out.print(early + " " + late);
                }
              }
            });
      }
    }

    private static long residentKilobytes() {
      try {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("VmRSS:")) {
            return Long.parseLong(line.replaceAll("[^0-9]", ""));
          }
        }
      } catch (IOException unreadable) {
        throw new IllegalStateException(unreadable);
      }
      throw new IllegalStateException("no VmRSS in /proc/self/status");
    }
  }

  static final class LargePlan {
    /** Decided beforehand: measuring calls of this size takes seconds. */
    private static Choices oneLane() {
      Choices choices = new Choices();
      choices.decide("training 64/lanes", "1");
      return choices;
    }

    public static void main(String[] arguments) {
      try (Device device = device();
          Model model =
              Model.create(device, SmallNetwork.graph(160, 64, Window.of(1)), 1, oneLane());
          TrainingRun run =
              Trainer.start(
                  model,
                  SmallNetwork.dataset(160, 64),
                  Optional.empty(),
                  TrainingOptions.defaults().withEpochs(1).withBatchSize(64))) {
        run.run();
        System.out.println(run.plan().schedule().slabBytes());
      }
    }
  }

  static final class ManyThreads {
    public static void main(String[] arguments) throws InterruptedException {
      try (Device device = device();
          Model model =
              Model.create(
                  device, SmallNetwork.graph(12, 8, Window.of(3).pad(1)), 1, new Choices());
          Predictor predictor =
              new Predictor(
                  model,
                  SmallNetwork.dataset(12, 1).spec(),
                  SmallNetwork.dataset(12, 1).normalization())) {
        predictor.predict(new byte[144]);
        long before = nativeThreads();
        for (int i = 0; i < 1_000; i++) {
          Thread caller = new Thread(() -> predictor.predict(new byte[144]));
          caller.start();
          caller.join();
        }
        long after = nativeThreads();
        // One thread kept for every hundred callers would be a leak.
        System.out.println(after < before + 10 ? "flat" : before + " threads became " + after);
      }
    }

    /** OpenMP's threads are none of Java's, so the system is asked. */
    private static long nativeThreads() {
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        return tasks.count();
      } catch (IOException noLinux) {
        return Thread.activeCount();
      }
    }
  }
}
