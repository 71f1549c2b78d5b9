package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.Precision;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.kernels.KernelOps;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Linear;
import dev.lamina.testkit.Calls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every case of the conformance suite in every way, prepared, recorded and launched on a dry run.
 */
class CasesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void everyWayOfEveryCaseIsSound(Precision precision) {
    DryRun dry = DryRun.withMemory(4L << 30);
    DeviceOptions options = DeviceOptions.defaults().withPrecision(precision);
    Map<Class<?>, Set<String>> implementations =
        new TreeMap<>((a, b) -> a.getName().compareTo(b.getName()));
    try (CudaDevice device = dry.open(folder, options)) {
      for (OpCall call : Calls.all(KernelOps.ops())) {
        for (Way way : device.ways(call)) {
          implementations
              .computeIfAbsent(call.op().getClass(), op -> new TreeSet<>())
              .add(way.implementation());
          run(device, call, way);
        }
      }
    }
    dry.assertClean();
    assertTrue(implementations.size() > 20, implementations.toString());
    boolean strict = precision == Precision.F32;
    assertEquals(
        strict ? Set.of("cudnn-1", "tiles") : Set.of("cudnn-1-" + precision),
        implementations.get(Conv2d.class));
    assertEquals(
        strict ? Set.of("cublas", "tiles") : Set.of("cublas-" + precision),
        implementations.get(Linear.class));
    assertEquals(Set.of(strict ? "channels" : "rows"), implementations.get(BatchNorm2d.class));
  }

  private static void run(CudaDevice device, OpCall call, Way way) {
    try (DeviceArena arena = device.arena("operands");
        PreparedOp prepared = device.prepare(call, way)) {
      long workspace = prepared.workspaceBytes();
      Phase phase =
          new Phase(
              call.op().name(),
              List.of(
                  List.of(
                      prepared.bind(
                          buffers(arena, way.inputs()),
                          buffers(arena, way.outputs()),
                          workspace == 0 ? null : arena.allocate("workspace", workspace)))));
      try (Replay replay = device.record(List.of(phase))) {
        device.compute().launch(replay);
        device.compute().sync();
      }
    }
  }

  private static List<DeviceBuffer> buffers(DeviceArena arena, List<Layout> layouts) {
    List<DeviceBuffer> buffers = new ArrayList<>();
    for (Layout layout : layouts) {
      buffers.add(arena.allocate("operand", layout.bytes()));
    }
    return buffers;
  }
}
