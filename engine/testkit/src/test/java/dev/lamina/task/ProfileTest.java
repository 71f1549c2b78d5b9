package dev.lamina.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.lamina.device.Device;
import dev.lamina.exec.Profile;
import dev.lamina.op.Cost;
import dev.lamina.op.MatMul;
import dev.lamina.op.Relu;
import dev.lamina.testkit.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the profiler of a task graph measures, and the files it goes to. */
class ProfileTest {
  @TempDir Path folder;

  private static final HostArray A = HostArray.f32("a", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  private static final HostArray B = HostArray.f32("b", new float[] {1, -1, 2, -2, 3, -3}, 3, 2);
  private static final HostArray C = HostArray.f32("c", 2, 2);
  private static final HostArray D = HostArray.f32("d", 2, 2);

  private static Device device;
  private static TaskPlan plan;
  private static ExecutionResult first;

  @BeforeAll
  static void build() {
    device = ReferenceDevice.open();
    plan =
        TaskGraph.named("product")
            .toDevice(TransferMode.FIRST_EXECUTION, A)
            .toDevice(TransferMode.EVERY_EXECUTION, B)
            .libraryTask("gemm", new MatMul(), A, B, C)
            .libraryTask("relu", new Relu(), C, D)
            .toHost(TransferMode.EVERY_EXECUTION, D)
            .on(device)
            .withProfiler()
            .build();
    first = plan.execute();
  }

  @AfterAll
  static void close() {
    plan.close();
    device.close();
  }

  private static List<String> names(List<Profile.Span> spans) {
    return spans.stream().map(Profile.Span::name).toList();
  }

  @Test
  void eachTaskAndTransferHasItsTime() {
    ExecutionResult result = first;
    assertEquals(List.of("gemm", "relu"), names(result.tasks()));
    assertEquals(List.of("a", "b", "d"), names(result.transfers()));
    assertEquals(new Cost(2 * 2 * 2 * 3, 4 * (6 + 6 + 4)), result.tasks().get(0).cost());
    assertEquals(24, result.transfers().get(0).cost().bytes());
    long sum = result.profile().spans().stream().mapToLong(Profile.Span::nanos).sum();
    assertTrue(sum > 0 && sum <= result.nanos(), sum + " of " + result.nanos());
    assertEquals(List.of("b", "d"), names(plan.execute().transfers()));
    assertArrayEquals(new float[] {14, 0, 32, 0}, D.values());
  }

  @Test
  void sharesReferToWhatTheDeviceReached() {
    Profile profile = first.profile();
    Profile.Span gemm = profile.spans().get(2);
    double share = profile.shareOfPeak(gemm).orElseThrow();
    double gflops = gemm.gflops() / profile.peak().orElseThrow().gflops();
    double rate = gemm.gigabytesPerSecond() / profile.peak().orElseThrow().gigabytesPerSecond();
    assertEquals(Math.max(gflops, rate), share, 1e-9);
    assertTrue(profile.shareOfPeak(profile.spans().get(0)).isEmpty());
    String[] lines = profile.table().split("\\R");
    assertTrue(lines[0].contains("not the recorded launch; peak"), lines[0]);
    assertEquals(2 + 5, lines.length);
    assertTrue(lines[2].startsWith("a to device"), lines[2]);
    assertTrue(lines[4].startsWith("gemm") && lines[4].endsWith("%"), lines[4]);
  }

  @Test
  void chromeTraceHoldsEverySpan() throws IOException {
    Profile profile = first.profile();
    Path file = folder.resolve("trace.json");
    profile.and(plan.execute().profile()).writeChromeTrace(file);
    Map<?, ?> trace;
    try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
      json.nextToken();
      trace = (Map<?, ?>) value(json);
    }
    assertEquals(Profile.FORM, ((Map<?, ?>) trace.get("otherData")).get("form"));
    List<Map<?, ?>> spans = new ArrayList<>();
    List<Object> names = new ArrayList<>();
    for (Object event : (List<?>) trace.get("traceEvents")) {
      Map<?, ?> fields = (Map<?, ?>) event;
      if (fields.get("ph").equals("X")) {
        spans.add(fields);
      } else {
        names.add(((Map<?, ?>) fields.get("args")).get("name"));
      }
    }
    assertEquals(List.of("product on reference", "transfers", "tasks, lane 0"), names);
    assertEquals(
        List.of("a", "b", "gemm", "relu", "d", "b", "gemm", "relu", "d"),
        spans.stream().map(span -> span.get("name")).toList());
    Profile.Span gemm = profile.spans().get(2);
    Map<?, ?> shown = spans.get(2);
    assertEquals("task", shown.get("cat"));
    assertEquals(1.0, shown.get("tid"));
    assertEquals(gemm.nanos() / 1e3, shown.get("dur"));
    assertEquals((gemm.start() - profile.spans().get(0).start()) / 1e3, shown.get("ts"));
    Map<?, ?> details = (Map<?, ?>) shown.get("args");
    assertEquals((double) gemm.nanos(), details.get("nanos"));
    assertEquals(24.0, details.get("flops"));
    assertEquals(profile.shareOfPeak(gemm).orElseThrow(), details.get("share_of_peak"));
  }

  /** Reads numbers as doubles. */
  private static Object value(JsonParser json) throws IOException {
    if (json.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        fields.put(name, value(json));
      }
      return fields;
    }
    if (json.currentToken() == JsonToken.START_ARRAY) {
      List<Object> values = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        values.add(value(json));
      }
      return values;
    }
    return json.currentToken().isNumeric() ? (Object) json.getDoubleValue() : json.getText();
  }

  @Test
  void flightRecorderGetsAnEventForEach() throws IOException {
    Path file = folder.resolve("run.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.lamina.Task").withoutThreshold();
      recording.enable("dev.lamina.Transfer").withoutThreshold();
      recording.start();
      plan.execute();
      recording.stop();
      recording.dump(file);
    }
    plan.execute();
    List<String> seen = new ArrayList<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      assertEquals("reference", event.getString("device"));
      assertTrue(event.getDuration().toNanos() > 0);
      if (event.getEventType().getName().equals("dev.lamina.Task")) {
        assertEquals("product", event.getString("plan"));
        seen.add(
            "%s %s %d %d"
                .formatted(
                    event.getString("task"),
                    event.getString("op"),
                    event.getLong("flops"),
                    event.getLong("bytes")));
      } else {
        String direction = event.getBoolean("toDevice") ? "to device" : "to host";
        seen.add("%s %s %d".formatted(event.getString("array"), direction, event.getLong("bytes")));
      }
    }
    assertEquals(
        List.of("b to device 24", "gemm matmul 24 64", "relu relu 0 32", "d to host 16"), seen);
  }
}
