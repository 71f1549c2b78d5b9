package dev.lamina.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.train.EpochReport;
import dev.lamina.train.Progress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ThroughputMeterTest {
  private long nanos;
  private final ThroughputMeter meter = new ThroughputMeter(() -> nanos);

  private static EpochReport epoch(int epoch, double rows, double seconds) {
    return new EpochReport(
        epoch, 1, 1, 0.5, Optional.empty(), Optional.empty(), rows / seconds, seconds, 0, 0.1f);
  }

  private static Progress progress(int epoch, int batch) {
    return new Progress(epoch, 9, batch, 100, 1, 0.5, 1);
  }

  @Test
  void isUnknownBeforeAnEpoch() {
    assertEquals(Double.NaN, meter.samplesPerSecond());
  }

  @Test
  void takesTheMedianWithoutTheFirstEpoch() {
    meter.start(1, 0);
    double[] seconds = {100, 10, 20, 5};
    for (int i = 0; i < seconds.length; i++) {
      meter.epoch(epoch(i + 1, 1000, seconds[i]));
    }
    assertEquals(100, meter.samplesPerSecond(), 1e-9);
    meter.epoch(epoch(5, 1000, 4));
    assertEquals(150, meter.samplesPerSecond(), 1e-9);
  }

  @Test
  void leavesOutTheFirstStepsOfAnOnlyEpoch() {
    meter.start(1, 0);
    nanos = 2_000_000_000L;
    meter.progress(progress(1, 5), 10);
    nanos = 4_000_000_000L; // 25 batches of 10 after 4 s
    meter.progress(progress(1, 25), 10);
    nanos = 5_000_000_000L;
    meter.progress(progress(1, 90), 10);
    meter.epoch(epoch(1, 1000, 7.75));
    assertEquals(750 / 3.75, meter.samplesPerSecond(), 1e-9);
  }

  @Test
  void countsFromWhereARunGoesOn() {
    meter.start(3, 40);
    nanos = 1_000_000_000L;
    meter.progress(progress(3, 59), 10); // 19 batches
    nanos = 2_000_000_000L;
    meter.progress(progress(3, 60), 10);
    meter.epoch(epoch(3, 600, 4));
    assertEquals(400 / 2.0, meter.samplesPerSecond(), 1e-9);
  }

  @Test
  void takesAShortEpochWhole() {
    meter.start(1, 0);
    meter.progress(progress(1, 3), 10);
    meter.epoch(epoch(1, 50, 2));
    assertEquals(25, meter.samplesPerSecond(), 1e-9);
  }
}
