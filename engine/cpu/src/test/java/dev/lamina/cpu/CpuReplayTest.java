package dev.lamina.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.op.Add;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.Op;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class CpuReplayTest {
  private static final int LANES = 3;

  private final List<AutoCloseable> open = new ArrayList<>();
  private Device device;
  private DeviceArena arena;

  @BeforeEach
  void open() {
    device = new CpuDeviceProvider().open(0, DeviceOptions.defaults().withThreads(LANES));
    arena = device.arena("test");
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    arena.close();
    device.close();
  }

  /** Each lane adds its neighbour's value of the phase before: a missed barrier changes the sum. */
  @Test
  void aPhaseSeesAllThatThePhaseBeforeWrote() {
    DeviceBuffer[] even = buffers();
    DeviceBuffer[] odd = buffers();
    List<Phase> phases = List.of(exchange(even, odd), exchange(odd, even));
    Replay replay = opened(device.record(phases));
    float expected = 1;
    for (int run = 0; run < 2000; run++) {
      device.compute().launch(replay);
      expected = run % 8 == 7 ? 1 : expected * 4;
      if (run % 8 == 7) {
        set(even, 1);
      } else {
        for (DeviceBuffer buffer : even) {
          assertEquals(expected, buffer.mapped().orElseThrow().getFloat(0), "run " + run);
        }
      }
    }
  }

  private Phase exchange(DeviceBuffer[] from, DeviceBuffer[] to) {
    List<List<Launch>> lanes = new ArrayList<>();
    for (int lane = 0; lane < LANES; lane++) {
      DeviceBuffer neighbour = from[(lane + 1) % LANES];
      lanes.add(List.of(launch(new Add(), List.of(from[lane], neighbour), to[lane])));
    }
    return new Phase("exchange", lanes);
  }

  private DeviceBuffer[] buffers() {
    DeviceBuffer[] buffers = new DeviceBuffer[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      buffers[lane] = arena.allocate("lane " + lane, Float.BYTES);
    }
    set(buffers, 1);
    return buffers;
  }

  private static void set(DeviceBuffer[] buffers, float value) {
    for (DeviceBuffer buffer : buffers) {
      buffer.mapped().orElseThrow().putFloat(0, value);
    }
  }

  @Test
  void aFailureInOneLaneIsThrownAndSpoilsNothing() {
    DeviceBuffer labels = arena.allocate("labels", 8);
    DeviceBuffer tables = arena.allocate("tables", StepTable.spec(1, 1).bytes());
    DeviceBuffer cursor = arena.allocate("cursor", 4);
    DeviceBuffer out = arena.allocate("out", 4);
    int index = StepTable.INDICES * Integer.BYTES;
    labels.mapped().orElseThrow().putInt(0, 7);
    OpCall call =
        OpCall.of(
            new GatherLabels(0, 1), 1, TensorSpec.i32(2), StepTable.spec(1, 1), StepTable.cursor());
    PreparedOp gather = opened(device.prepare(call, device.ways(call).get(0)));
    Launch launch = gather.bind(List.of(labels, tables, cursor), List.of(out), null);
    Phase phase = new Phase("gather", List.of(List.of(), List.of(launch), List.of()));
    Replay replay = opened(device.record(List.of(phase)));
    tables.mapped().orElseThrow().putInt(index, 99);
    assertThrows(IndexOutOfBoundsException.class, () -> device.compute().launch(replay));
    tables.mapped().orElseThrow().putInt(index, 0);
    device.compute().launch(replay);
    assertEquals(7, out.mapped().orElseThrow().getInt(0));
  }

  @Test
  void functionsOfTheHostRunInTheirPlace() {
    DeviceBuffer[] buffers = buffers();
    Launch before = stream -> set(buffers, 3);
    Launch add = launch(new Add(), List.of(buffers[0], buffers[1]), buffers[2]);
    Launch after = stream -> set(buffers, 5 + buffers[2].mapped().orElseThrow().getFloat(0));
    Phase phase = new Phase("mixed", List.of(List.of(before, add, after)));
    device.compute().launch(opened(device.record(List.of(phase))));
    assertEquals(11, buffers[0].mapped().orElseThrow().getFloat(0));
  }

  @Test
  void memoryThatIsGoneIsRefusedByName() {
    DeviceArena other = device.arena("short-lived");
    DeviceBuffer[] buffers = buffers();
    DeviceBuffer gone = other.allocate("gone", Float.BYTES);
    Launch launch = launch(new Add(), List.of(buffers[0], gone), buffers[1]);
    Replay replay = opened(device.record(List.of(new Phase("add", List.of(List.of(launch))))));
    device.compute().launch(replay);
    other.close();
    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, () -> device.compute().launch(replay));
    assertTrue(refusal.getMessage().contains("short-lived"), refusal.getMessage());
  }

  private Launch launch(Op op, List<DeviceBuffer> inputs, DeviceBuffer output) {
    OpCall call = OpCall.of(op, LANES, TensorSpec.f32(1), TensorSpec.f32(1));
    PreparedOp prepared = opened(device.prepare(call, device.ways(call).get(0)));
    DeviceBuffer workspace =
        prepared.workspaceBytes() == 0
            ? null
            : arena.allocate("workspace", prepared.workspaceBytes());
    return prepared.bind(inputs, List.of(output), workspace);
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
