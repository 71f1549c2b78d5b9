package dev.lamina.project;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds which package may know which. */
class ArchitectureTest {
  /** The packages of core: each knows only those before it. */
  private static final List<String> CORE_ORDER =
      List.of(
          "naming", "random", "tensor", "io", "op", "device", "graph", "exec", "task", "data",
          "metric", "train");

  /** The other modules' packages, and what of the project each knows beside core and itself. */
  private static final String[][] MODULES = {
    {"dev.lamina.cpu.."},
    {"dev.lamina.cuda..", "dev.lamina.kernels.."},
    {"dev.lamina.kernels.."},
    {"dev.lamina.opencl..", "dev.lamina.kernels.."},
    {"dev.lamina.models.."},
    {"dev.lamina.datasets.."},
    {"dev.lamina.testkit.."},
    {"dev.lamina.cli..", "dev.lamina.models..", "dev.lamina.datasets.."},
  };

  /** The modules that run ops: a device is used by plans and knows none. */
  private static final String[] DEVICES = {
    "dev.lamina.cpu..", "dev.lamina.cuda..", "dev.lamina.opencl..", "dev.lamina.kernels.."
  };

  /** The last package of core that devices may know, with all before it. */
  private static final String LAST_FOR_DEVICES = "device";

  private static JavaClasses production;

  @BeforeAll
  static void importClasses() {
    production =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("test-classes"))
            .importPackages("dev.lamina");
  }

  @Test
  void corePackagesKnowOnlyThoseBeforeThem() {
    for (int i = 0; i < CORE_ORDER.size() - 1; i++) {
      noClasses()
          .that()
          .resideInAPackage("dev.lamina." + CORE_ORDER.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(after(CORE_ORDER.get(i)))
          .allowEmptyShould(true)
          .check(production);
    }
  }

  @Test
  void coreKnowsNoOtherModuleAndNoNativeLibrary() {
    List<String> foreign = new ArrayList<>();
    for (String[] module : MODULES) {
      foreign.add(module[0]);
    }
    foreign.addAll(List.of("com.sun.jna..", "org.bytedeco..", "org.jocl..", "jcuda.."));
    noClasses()
        .that()
        .resideInAnyPackage(corePackages())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(foreign.toArray(String[]::new))
        .check(production);
  }

  @Test
  void modulesKnowOnlyWhatTheyAreBuiltOn() {
    for (String[] module : MODULES) {
      List<String> known = new ArrayList<>(List.of(module));
      known.addAll(List.of(corePackages()));
      noClasses()
          .that()
          .resideInAPackage(module[0])
          .should()
          .dependOnClassesThat(
              JavaClass.Predicates.resideInAPackage("dev.lamina..")
                  .and(
                      DescribedPredicate.not(
                          JavaClass.Predicates.resideInAnyPackage(known.toArray(String[]::new)))))
          .allowEmptyShould(true)
          .check(production);
    }
  }

  @Test
  void devicesKnowOpsAndTheirContract() {
    noClasses()
        .that()
        .resideInAnyPackage(DEVICES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(after(LAST_FOR_DEVICES))
        .check(production);
  }

  /** A package nobody listed would be held by no rule. */
  @Test
  void everyPackageHasItsPlace() {
    List<String> listed = new ArrayList<>(List.of(corePackages()));
    for (String[] module : MODULES) {
      listed.add(module[0]);
    }
    classes().should().resideInAnyPackage(listed.toArray(String[]::new)).check(production);
  }

  @Test
  void librariesLeaveTheTerminalAlone() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(
        production.that(
            DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("dev.lamina.cli.."))));
  }

  @Test
  void everyPackageSaysWhatItIsFor() throws IOException {
    Set<String> missing = new TreeSet<>();
    Path root = ProjectModel.root();
    for (String module : ProjectModel.read().parent().getModules()) {
      Path sources = root.resolve(module).resolve("src/main/java");
      if (!Files.isDirectory(sources)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .map(Path::getParent)
            .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
            .forEach(folder -> missing.add(root.relativize(folder).toString()));
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static String[] after(String name) {
    return CORE_ORDER.subList(CORE_ORDER.indexOf(name) + 1, CORE_ORDER.size()).stream()
        .map(later -> "dev.lamina." + later + "..")
        .toArray(String[]::new);
  }

  private static String[] corePackages() {
    return CORE_ORDER.stream().map(name -> "dev.lamina." + name + "..").toArray(String[]::new);
  }
}
