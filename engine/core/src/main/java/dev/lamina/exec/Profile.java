package dev.lamina.exec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lamina.device.Device;
import dev.lamina.io.AtomicFile;
import dev.lamina.op.Cost;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Times of tasks and transfers, each run alone and waited for: not the recorded launch, in which
 * they may overlap and waits fall away. Times are the host's, from handing work to the device to
 * its end, so a short task shows the launch more than the work.
 *
 * @param plan what was run
 * @param device where
 * @param spans in order
 * @param peak what the device has been seen to reach, where that was measured
 */
public record Profile(String plan, String device, List<Span> spans, Optional<Peak> peak) {
  /** How times were taken, as files and tables say it. */
  public static final String FORM =
      "tasks one by one, each with its launch and the wait for it; not the recorded launch";

  /** What took time. */
  public enum Kind {
    /** A call of the device's, or a function of the user's. */
    TASK,
    /** A copy from host to device. */
    TO_DEVICE,
    /** A copy from device to host. */
    TO_HOST
  }

  /**
   * One task or transfer.
   *
   * @param track what runs in one order: a stage's lane, or the transfers
   * @param name of the task or of the array
   * @param start of {@link System#nanoTime}
   * @param nanos how long it took
   * @param cost arithmetic, as far as it is known, and bytes read and written
   */
  public record Span(Kind kind, String track, String name, long start, long nanos, Cost cost) {
    /** Returns operations per nanosecond, which are GFLOP/s; 0 where none are known. */
    public double gflops() {
      return (double) cost.flops() / nanos;
    }

    /** Returns bytes per nanosecond, which are GB/s. */
    public double gigabytesPerSecond() {
      return (double) cost.bytes() / nanos;
    }
  }

  /** Copies the list. */
  public Profile {
    spans = List.copyOf(spans);
  }

  /** Makes the profile of a plan's timed run, such as a training step's. */
  public static Profile of(Device device, String plan, List<ExecutionPlan.Timing> timings) {
    List<Span> spans = new ArrayList<>();
    for (ExecutionPlan.Timing timing : timings) {
      spans.add(
          new Span(
              Kind.TASK,
              timing.stage() + ", lane " + timing.lane(),
              timing.task().name(),
              timing.start(),
              timing.nanos(),
              timing.task().call().cost()));
    }
    return new Profile(plan, device.info().name(), spans, Optional.empty());
  }

  /** Returns this profile with the spans of a later one behind. */
  public Profile and(Profile later) {
    List<Span> both = Stream.concat(spans.stream(), later.spans().stream()).toList();
    return new Profile(plan, device, both, peak);
  }

  /** Returns which part of the peak a span reached; empty for transfers and without a peak. */
  public Optional<Double> shareOfPeak(Span span) {
    return span.kind() == Kind.TASK
        ? peak.map(measured -> measured.share(span.cost(), span.nanos()))
        : Optional.empty();
  }

  /** Returns a table with time, rates and share of the peak of each span. */
  public String table() {
    StringBuilder text = new StringBuilder(plan + " on " + device + ": " + FORM);
    peak.ifPresent(
        measured ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; peak %.1f GFLOP/s, %.1f GB/s",
                    measured.gflops(),
                    measured.gigabytesPerSecond())));
    text.append(
        String.format(
            Locale.ROOT, "\n%-40s %12s %10s %10s %8s\n", "", "us", "GFLOP/s", "GB/s", "of peak"));
    for (Span span : spans) {
      String label =
          switch (span.kind()) {
            case TASK -> span.name();
            case TO_DEVICE -> span.name() + " to device";
            case TO_HOST -> span.name() + " to host";
          };
      String line =
          String.format(
              Locale.ROOT,
              "%-40s %12.1f %10s %10.2f %8s",
              label,
              span.nanos() / 1e3,
              span.cost().flops() == 0 ? "" : String.format(Locale.ROOT, "%.2f", span.gflops()),
              span.gigabytesPerSecond(),
              shareOfPeak(span)
                  .map(share -> String.format(Locale.ROOT, "%.0f %%", 100 * share))
                  .orElse(""));
      text.append(line.stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /**
   * Writes the spans in the trace format of Chrome, which chrome://tracing and Perfetto show: a row
   * for each track, times in microseconds from the first span. The file appears whole or not at
   * all.
   *
   * @throws IOException if it cannot be written
   */
  public void writeChromeTrace(Path path) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("displayTimeUnit", "ns");
      json.writeObjectFieldStart("otherData");
      json.writeStringField("device", device);
      json.writeStringField("form", FORM);
      json.writeEndObject();
      json.writeArrayFieldStart("traceEvents");
      writeEvents(json);
      json.writeEndArray();
      json.writeEndObject();
    }
    AtomicFile.write(path, bytes.toByteArray());
  }

  private void writeEvents(JsonGenerator json) throws IOException {
    writeName(json, "process_name", 0, plan + " on " + device);
    List<String> tracks = spans.stream().map(Span::track).distinct().toList();
    for (int t = 0; t < tracks.size(); t++) {
      writeName(json, "thread_name", t, tracks.get(t));
    }
    long first = spans.stream().mapToLong(Span::start).min().orElse(0);
    for (Span span : spans) {
      json.writeStartObject();
      json.writeStringField("name", span.name());
      json.writeStringField("cat", span.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("ph", "X");
      json.writeNumberField("pid", 0);
      json.writeNumberField("tid", tracks.indexOf(span.track()));
      json.writeNumberField("ts", (span.start() - first) / 1e3);
      json.writeNumberField("dur", span.nanos() / 1e3);
      json.writeObjectFieldStart("args");
      json.writeNumberField("nanos", span.nanos());
      json.writeNumberField("bytes", span.cost().bytes());
      json.writeNumberField("gigabytes_per_second", span.gigabytesPerSecond());
      if (span.cost().flops() > 0) {
        json.writeNumberField("flops", span.cost().flops());
        json.writeNumberField("gflops", span.gflops());
      }
      Optional<Double> share = shareOfPeak(span);
      if (share.isPresent()) {
        json.writeNumberField("share_of_peak", share.get());
      }
      json.writeEndObject();
      json.writeEndObject();
    }
  }

  private static void writeName(JsonGenerator json, String what, int track, String name)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", what);
    json.writeStringField("ph", "M");
    json.writeNumberField("pid", 0);
    json.writeNumberField("tid", track);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }
}
