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
import dev.lamina.testkit.TuningConformance;
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

  /** A value that changes no launch of a case is not tried by it. */
  @Test
  void casesTellEveryValueOfAParameterFromTheUsualOne() {
    Set<String> names = new TreeSet<>();
    Set<String> values = new TreeSet<>();
    Set<String> met = new TreeSet<>();
    for (KernelTarget target : targets()) {
      for (OpCall call : TuningConformance.calls().filter(KernelCoverageTest::known).toList()) {
        for (KernelWay way : ways(call, target)) {
          for (KernelParameter parameter : way.parameters()) {
            names.add(parameter.name());
            met.add(parameter.name() + "=" + parameter.value());
            parameter.alternatives().forEach(value -> values.add(parameter.name() + "=" + value));
          }
          met.addAll(changes(call, target, way));
        }
      }
    }
    assertEquals(Defaults.parameters(), names);
    assertEquals(values, met);
  }

  /** Returns the values that, put in the place of a way's, change what is launched. */
  private static Set<String> changes(OpCall call, KernelTarget target, KernelWay way) {
    Set<String> changes = new TreeSet<>();
    if (!way.parameters().isEmpty()) {
      for (KernelWay other :
          KernelOps.neighbours(call, target, way.offered().implementation(), impossible -> {})) {
        if (!other.calls().equals(way.calls())) {
          changes.addAll(List.of(other.offered().implementation().split(" ")));
        }
      }
      changes.removeIf(word -> !word.contains("="));
    }
    return changes;
  }

  private static boolean known(OpCall call) {
    return KernelOps.ops().contains(call.op().getClass());
  }

  private static Stream<KernelWay> ways() {
    return targets().stream()
        .flatMap(
            target ->
                MemoryConformance.calls()
                    .filter(KernelCoverageTest::known)
                    .flatMap(call -> ways(call, target).stream()));
  }

  private static List<KernelTarget> targets() {
    List<KernelTarget> targets = new ArrayList<>(List.of(new KernelTarget(true, 2)));
    for (Precision precision : Precision.values()) {
      targets.add(new KernelTarget(false, 2, precision));
    }
    return targets;
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
