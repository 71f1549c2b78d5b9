package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.kernels.Defaults;
import dev.lamina.kernels.KernelCall;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelParameter;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import dev.lamina.testkit.MemoryConformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The cases that suites run reach every kernel and every parameter, on some kind of device and in
 * some precision. What takes a private form runs in {@link PooledGradientTest}.
 */
class KernelCoverageTest {
  private static final Path SOURCES = Path.of("../../kernels/src/main/resources");
  private static final Pattern KERNEL = Pattern.compile("\\bKERNEL\\b[^{;]*?\\bvoid (\\w+)\\(");

  @Test
  void casesReachEveryKernel() throws IOException {
    Set<String> reached = new TreeSet<>();
    ways().flatMap(way -> way.calls().stream()).map(KernelCall::kernel).forEach(reached::add);
    Set<String> written = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".cl")).toList()) {
        Matcher kernels = KERNEL.matcher(Files.readString(file));
        while (kernels.find()) {
          written.add(kernels.group(1));
        }
      }
    }
    assertFalse(written.isEmpty(), SOURCES + " holds kernels");
    assertEquals(written, reached);
  }

  @Test
  void casesMeetEveryParameter() {
    Set<String> met = new TreeSet<>();
    ways().flatMap(way -> way.parameters().stream()).map(KernelParameter::name).forEach(met::add);
    assertEquals(Defaults.parameters(), met);
  }

  private static Stream<KernelWay> ways() {
    List<KernelTarget> targets = new ArrayList<>(List.of(new KernelTarget(true, 2)));
    for (Precision precision : Precision.values()) {
      targets.add(new KernelTarget(false, 2, precision));
    }
    return targets.stream()
        .flatMap(
            target ->
                MemoryConformance.calls()
                    .filter(call -> KernelOps.ops().contains(call.op().getClass()))
                    .flatMap(call -> ways(call, target).stream()));
  }

  /** Returns the ways that are offered and one of each implementation that tuning may choose. */
  static List<KernelWay> ways(OpCall call, KernelTarget target) {
    List<KernelWay> ways = new ArrayList<>(KernelOps.ways(call, target));
    Set<String> names = new TreeSet<>();
    ways.forEach(way -> names.add(implementation(way)));
    for (int i = 0; i < ways.size(); i++) {
      String from = ways.get(i).offered().implementation();
      if (!ways.get(i).parameters().isEmpty()) {
        KernelOps.neighbours(call, target, from, impossible -> {}).stream()
            .filter(way -> names.add(implementation(way)))
            .forEach(ways::add);
      }
    }
    return ways;
  }

  private static String implementation(KernelWay way) {
    return way.offered().implementation().split(" ")[0];
  }
}
