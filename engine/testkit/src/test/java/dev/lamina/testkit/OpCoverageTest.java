package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Precision;
import dev.lamina.op.Op;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A new op in core fails here until it has a meaning, cases and a tolerance. */
class OpCoverageTest {
  @Test
  void everyOpHasAMeaningCasesAndATolerance() throws Exception {
    Set<String> ops = opsOfCore();
    assertTrue(ops.contains("Conv2d") && ops.size() >= 25, "found only " + ops);
    assertEquals(ops, names(ReferenceOps.ops()), "ReferenceOps");
    assertEquals(ops, names(OpCases.byOp().keySet()), "OpCases");
    assertEquals(ops, names(Tolerances.ops()), "Tolerances");
  }

  @Test
  void casesDiffer() {
    Set<String> seen = new TreeSet<>();
    for (OpCase each : OpCases.all()) {
      seen.add(identity(each));
    }
    assertEquals(OpCases.all().size(), seen.size(), "two cases are the same");
  }

  /** Returns the concrete ops of the package, as compiled. */
  private static Set<String> opsOfCore() throws Exception {
    URI location = Op.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(location);
    if (Files.isDirectory(path)) {
      return opsIn(path);
    }
    try (FileSystem jar = FileSystems.newFileSystem(path, Map.of())) {
      return opsIn(jar.getPath("/"));
    }
  }

  private static Set<String> opsIn(Path root) throws IOException {
    String name = Op.class.getPackageName();
    try (Stream<Path> files = Files.list(root.resolve(name.replace('.', '/')))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
          .map(file -> load(name + "." + file.substring(0, file.length() - ".class".length())))
          .filter(Op.class::isAssignableFrom)
          .filter(type -> !Modifier.isAbstract(type.getModifiers()))
          .map(Class::getSimpleName)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException gone) {
      throw new AssertionError("class file without a class: " + name, gone);
    }
  }

  private static Set<String> names(Set<Class<? extends Op>> types) {
    return types.stream().map(Class::getSimpleName).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String identity(OpCase opCase) {
    List<Integer> inputs =
        opCase.inputs(0, Precision.F32).stream()
            .map(tensor -> Arrays.hashCode(tensor.values()))
            .toList();
    OpCase.Feed feed = opCase.feed();
    return opCase + " " + inputs + (feed == null ? "" : identity(feed.producer()));
  }
}
