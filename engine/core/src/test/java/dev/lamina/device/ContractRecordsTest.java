package dev.lamina.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.op.MatMul;
import dev.lamina.op.Relu;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The values that travel between plans and devices. */
class ContractRecordsTest {
  @Test
  void callsInferTheirOutputsAndAreKeys() {
    OpCall call = OpCall.of(new MatMul(), 2, TensorSpec.f32(2, 3), TensorSpec.f32(3, 5));
    assertEquals(List.of(TensorSpec.f32(2, 5)), call.outputs());
    assertEquals(2 * 2 * 3 * 5, call.cost().flops());
    OpCall same = OpCall.of(new MatMul(), 2, TensorSpec.f32(2, 3), TensorSpec.f32(3, 5));
    assertEquals(same, call);
    assertEquals(same.toString(), call.toString());
    OpCall oneLane = OpCall.of(new MatMul(), 1, TensorSpec.f32(2, 3), TensorSpec.f32(3, 5));
    assertNotEquals(oneLane, call);
    assertNotEquals(oneLane.toString(), call.toString());
    assertThrows(ShapeException.class, () -> OpCall.of(new MatMul(), 1, TensorSpec.f32(2, 3)));
  }

  @Test
  void layoutsKnowTheCanonicalOne() {
    assertTrue(new Layout(Layout.CANONICAL, 16).canonical());
    assertFalse(new Layout("nChw8c", 16).canonical());
    assertThrows(IllegalArgumentException.class, () -> new Layout("nhwc", 0));
    assertThrows(NullPointerException.class, () -> new Layout(null, 16));
  }

  @Test
  void listsAreCopied() {
    List<Layout> inputs = new ArrayList<>(List.of(new Layout("nhwc", 16)));
    Way way = new Way("direct", inputs, inputs);
    List<TensorSpec> specs = new ArrayList<>(List.of(TensorSpec.f32(4)));
    OpCall call = new OpCall(new Relu(), specs, specs, 1);
    List<Launch> lane = new ArrayList<>();
    Phase phase = new Phase("update", List.of(lane));
    inputs.clear();
    specs.clear();
    lane.add(stream -> {});
    assertEquals(1, way.inputs().size());
    assertEquals(1, call.inputs().size());
    assertEquals(List.of(List.of()), phase.lanes());
    assertThrows(IllegalArgumentException.class, () -> new Phase("empty", List.of()));
  }

  @Test
  void fingerprintNamesTheHardwareNotItsIndex() {
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("driver", "560.1");
    libraries.put("cudnn", "9.3");
    DeviceInfo first =
        new DeviceInfo("cuda:0", DeviceInfo.Kind.DISCRETE_GPU, "H200", 132, 1, libraries);
    DeviceInfo second =
        new DeviceInfo("cuda:1", DeviceInfo.Kind.DISCRETE_GPU, "H200", 132, 2, libraries);
    libraries.put("cublas", "12.6");
    DeviceInfo updated =
        new DeviceInfo("cuda:0", DeviceInfo.Kind.DISCRETE_GPU, "H200", 132, 1, libraries);
    assertEquals(first.fingerprint(), second.fingerprint());
    assertNotEquals(first.fingerprint(), updated.fingerprint());
    assertEquals(List.of("driver", "cudnn"), List.copyOf(first.libraries().keySet()));
  }
}
