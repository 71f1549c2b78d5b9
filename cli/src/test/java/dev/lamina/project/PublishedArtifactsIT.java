package dev.lamina.project;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.eclipse.aether.artifact.Artifact;
import org.junit.jupiter.api.Test;

/** Holds what is published: complete, standing alone, the same for every build tool and machine. */
class PublishedArtifactsIT {
  private static final ProjectModel PROJECT = ProjectModel.read();
  private static final PublishedArtifacts PUBLISHED = new PublishedArtifacts(PROJECT);

  @Test
  void everyJarComesWithSourcesAndJavadoc() throws IOException {
    for (Model module : jarModules()) {
      for (String classifier : List.of("", "sources", "javadoc")) {
        Path path = PUBLISHED.jar(module, classifier);
        try (JarFile jar = new JarFile(path.toFile())) {
          boolean holdsFiles =
              jar.stream()
                  .anyMatch(
                      entry ->
                          !entry.isDirectory() && !entry.getName().startsWith("META-INF/MANIFEST"));
          assertTrue(holdsFiles, path + " is empty");
        }
      }
    }
  }

  @Test
  void everyJarHasItsOwnModuleName() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Model module : jarModules()) {
      try (JarFile jar = new JarFile(PUBLISHED.jar(module, "").toFile())) {
        Attributes manifest = jar.getManifest().getMainAttributes();
        String name = manifest.getValue("Automatic-Module-Name");
        String expected =
            module.getArtifactId().replace("lamina-", "dev.lamina.").replace('-', '.');
        assertEquals(expected, name, module.getArtifactId());
        assertEquals(PROJECT.version(), manifest.getValue("Implementation-Version"));
        assertTrue(names.add(name), name);
      }
    }
  }

  @Test
  void everyPomStandsAlone() throws IOException {
    for (Model module : PROJECT.published()) {
      Path path = PUBLISHED.pom(module);
      Model pom = ProjectModel.readPom(path);
      assertEquals(null, pom.getParent(), path + ": parent");
      assertEquals(List.of(), pom.getProfiles(), path + ": profiles");
      assertEquals(null, pom.getBuild(), path + ": build");
      assertEquals(PROJECT.version(), pom.getVersion());
      // Only the BOM, whose entries all have its own version, keeps a property.
      String text = Files.readString(path).replace("${project.version}", "");
      assertFalse(text.contains("${"), path + " holds a property");
      for (Dependency dependency : pom.getDependencies()) {
        assertNotNull(dependency.getVersion(), path + ": " + dependency);
        assertTrue(
            Set.of("compile", "runtime").contains(dependency.getScope()), path + ": " + dependency);
      }
    }
  }

  /** What Maven Central asks of a POM. */
  @Test
  void everyPomSaysWhatItIs() {
    for (Model module : PROJECT.published()) {
      Model pom = ProjectModel.readPom(PUBLISHED.pom(module));
      String name = pom.getArtifactId();
      assertNotNull(pom.getName(), name);
      assertNotNull(pom.getDescription(), name);
      assertNotNull(pom.getUrl(), name);
      assertEquals("Apache-2.0", pom.getLicenses().get(0).getName(), name);
      assertNotNull(pom.getDevelopers().get(0).getName(), name);
      assertNotNull(pom.getScm().getConnection(), name);
      assertEquals(pom.getUrl(), pom.getScm().getUrl(), name);
    }
  }

  @Test
  void everyToolOnEveryMachineGetsTheSame() {
    for (Model module : jarModules()) {
      Artifact artifact = DependencyResolver.artifact(module.getArtifactId(), PROJECT.version());
      Set<String> gradle = names(DependencyResolver.asGradle(PUBLISHED).tree(artifact));
      for (String osName : List.of("Linux", "Mac OS X", "Windows 11")) {
        DependencyResolver maven = DependencyResolver.asMaven(PUBLISHED, osName, "aarch64");
        assertEquals(gradle, names(maven.tree(artifact)), module.getArtifactId() + ", " + osName);
      }
    }
  }

  @Test
  void cpuPlatformBringsAllNatives() {
    Artifact platform = DependencyResolver.artifact("lamina-cpu-platform", PROJECT.version());
    Set<String> names = names(DependencyResolver.asGradle(PUBLISHED).tree(platform));
    for (String library : List.of("dnnl", "opencl", "javacpp")) {
      Set<String> classifiers =
          names.stream()
              .filter(name -> name.startsWith("org.bytedeco:" + library + ":"))
              .map(name -> name.substring(name.lastIndexOf(':') + 1))
              .collect(toCollection(TreeSet::new));
      assertEquals(
          Set.of(
              "", "linux-arm64", "linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64"),
          classifiers);
    }
  }

  private static Set<String> names(Collection<Artifact> artifacts) {
    return artifacts.stream()
        .map(
            artifact ->
                artifact.getGroupId()
                    + ":"
                    + artifact.getArtifactId()
                    + ":"
                    + artifact.getVersion()
                    + ":"
                    + artifact.getClassifier())
        .collect(toCollection(TreeSet::new));
  }

  private static List<Model> jarModules() {
    return PROJECT.published().stream()
        .filter(module -> module.getPackaging().equals("jar"))
        .toList();
  }
}
