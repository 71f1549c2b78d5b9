package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.exec.Tuner;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.StepGraph;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.graph.Value;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tuning found and the plans that are made of it. */
class TunedPlansTest {
  /** With it, products are large enough to be shared among cores, which is what is tuned. */
  private static final int BATCH = 64;

  private static final Feed FEED =
      new Feed(
          TensorSpec.u8(BATCH, 1, 9, 9), 1, List.of(0f), List.of(1f), StepTable.spec(4, BATCH));

  @TempDir Path cache;

  @BeforeEach
  void require() {
    FirstDevice.require();
  }

  @Test
  void newPlansFollowWhatWasFoundAndRecordedOnesStay() throws IOException {
    Map<String, String> before;
    try (OpenClDevice device = open()) {
      before = choices(device, new Choices());
      assertFalse(before.isEmpty(), "ways are recorded though only one is offered");
      for (OpCall call : calls(device)) {
        Way other =
            device
                .tuning()
                .orElseThrow()
                .neighbours(call, usual(device, call), impossible -> {})
                .get(0);
        device.tuning().orElseThrow().keep(call, new Found(other.implementation(), 1, 2));
      }
    }
    try (OpenClDevice device = open()) {
      Map<String, String> after = choices(device, new Choices());
      assertEquals(before.keySet(), after.keySet());
      assertNotEquals(before, after);
      for (OpCall call : calls(device)) {
        assertNotEquals(usual(device, call), device.ways(call).get(0));
      }
      assertEquals(before, choices(device, Choices.of(before)), "a run that goes on");
    }
  }

  @Test
  void choicesRememberedBeforeTuningAreMadeAnew() throws IOException {
    try (OpenClDevice device = open()) {
      ChoiceStore.of(cache, device, graph()).save(Choices.of(Map.of("a", "b")));
      assertEquals(Map.of("a", "b"), ChoiceStore.of(cache, device, graph()).load().all());
      OpCall call = calls(device).get(0);
      Found found = new Found(usual(device, call).implementation(), 1, 1);
      device.tuning().orElseThrow().keep(call, found);
      assertEquals(Map.of(), ChoiceStore.of(cache, device, graph()).load().all());
    }
  }

  @Test
  void tuningImprovesOrConfirmsAndASecondStartUsesIt() throws IOException {
    Found found;
    OpCall call;
    try (OpenClDevice device = open()) {
      call = calls(device).get(0);
      Tuner.Result result = tune(device, call);
      assertEquals(List.of(), result.refused());
      found = result.found();
    }
    try (OpenClDevice device = open()) {
      Tuner.Result result = tune(device, call);
      assertEquals(0, result.tried());
      assertEquals(found, result.found());
      assertEquals(found.way(), device.ways(call).get(0).implementation());
    }
  }

  @Test
  void wayThatIsNoMoreIsLeftForTheUsualOne() throws IOException {
    try (OpenClDevice device = open()) {
      OpCall call = calls(device).get(0);
      for (String gone : List.of("no such way", "dots dots.shares=3", "dots no.such=1")) {
        device.tuning().orElseThrow().keep(call, new Found(gone, 1, 2));
        assertEquals(List.of(usual(device, call)), device.ways(call));
      }
    }
  }

  private OpenClDevice open() {
    return new OpenClDevice(
        Hardware.all().get(0),
        DeviceOptions.defaults(),
        true,
        OpenClDevice.LARGEST_INLINE,
        BufferSource.ZEROED,
        OpenClStream.Marker.PLAIN,
        cache);
  }

  private static Tuner.Result tune(OpenClDevice device, OpCall call) throws IOException {
    device.turn().lock();
    Tuner.Result result = new Tuner(device, () -> false).tune(call, false).orElseThrow();
    device.turn().unlock();
    return result;
  }

  private static Way usual(OpenClDevice device, OpCall call) {
    return device.tuning().orElseThrow().usual(call);
  }

  private static Map<String, String> choices(OpenClDevice device, Choices choices) {
    try (Model model = Model.create(device, graph(), 1, choices)) {
      model.inference(Purpose.EVALUATION, FEED, BATCH).close();
    }
    return choices.all();
  }

  private static List<OpCall> calls(OpenClDevice device) {
    return StepGraph.of(graph(), FEED, Purpose.EVALUATION, 0, BATCH, BATCH).graph().nodes().stream()
        .map(
            node ->
                OpCall.of(
                    node.op(),
                    1,
                    node.inputs().stream().map(Value::spec).toArray(TensorSpec[]::new)))
        .filter(device.tuning().orElseThrow()::covers)
        .toList();
  }

  private static Graph graph() {
    GraphBuilder g = new GraphBuilder("tuned");
    Value x = g.relu(g.linear("first", g.input("image", TensorSpec.f32(1, 1, 9, 9)), 64));
    return g.build(g.linear("second", x, 40));
  }
}
