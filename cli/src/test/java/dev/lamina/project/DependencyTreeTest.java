package dev.lamina.project;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.Profile;
import org.eclipse.aether.artifact.Artifact;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds what each artifact brings to a consumer's run time, and that every version is fixed. */
class DependencyTreeTest {
  private static final Set<String> CORE =
      Set.of("com.fasterxml.jackson.core:jackson-core", "org.slf4j:slf4j-api");
  private static final Set<String> ONEDNN =
      Set.of("org.bytedeco:dnnl", "org.bytedeco:javacpp", "org.bytedeco:opencl");

  private static final Set<String> JCUDA =
      Set.of("org.jcuda:jcuda", "org.jcuda:jcublas", "org.jcuda:jcudnn");

  private static final ProjectModel PROJECT = ProjectModel.read();
  private static final DependencyResolver RESOLVER = DependencyResolver.asGradle(PROJECT);

  @Test
  void coreNeedsLoggingAndJsonOnly() {
    assertTree("lamina-core", CORE);
  }

  @Test
  void cpuNeedsOnednnAndCore() {
    assertTree(
        "lamina-cpu", CORE, ONEDNN, Set.of("dev.lamina:lamina-core", "net.java.dev.jna:jna"));
  }

  @Test
  void cpuPlatformAddsNothingButNatives() {
    Set<String> cpu =
        Set.of("dev.lamina:lamina-core", "dev.lamina:lamina-cpu", "net.java.dev.jna:jna");
    assertTree("lamina-cpu-platform", CORE, ONEDNN, cpu);
  }

  @Test
  void cudaNeedsJcudaWithoutNatives() {
    Set<String> own = Set.of("dev.lamina:lamina-core", "dev.lamina:lamina-kernels");
    assertTree("lamina-cuda", CORE, JCUDA, own);
  }

  /** On a Mac too, where JCuda's own POMs resolve to nothing. */
  @ParameterizedTest
  @CsvSource({"Linux, amd64", "Mac OS X, aarch64", "Windows 11, amd64"})
  void cudaPlatformBringsTheSameNativesToEveryMachine(String osName, String osArch) {
    Set<String> natives =
        DependencyResolver.asMaven(PROJECT, osName, osArch)
            .tree(DependencyResolver.artifact("lamina-cuda-platform", PROJECT.version()))
            .stream()
            .filter(artifact -> !artifact.getClassifier().isEmpty())
            .map(artifact -> artifact.getArtifactId() + ":" + artifact.getClassifier())
            .collect(toCollection(TreeSet::new));
    Set<String> expected = new TreeSet<>();
    for (String name : List.of("jcuda-natives", "jcublas-natives", "jcudnn-natives")) {
      expected.add(name + ":linux-x86_64");
      expected.add(name + ":windows-x86_64");
    }
    assertEquals(expected, natives);
  }

  @Test
  void kernelsNeedCoreOnly() {
    assertTree("lamina-kernels", CORE, Set.of("dev.lamina:lamina-core"));
  }

  @Test
  void openclNeedsJoclKernelsAndCore() {
    assertTree(
        "lamina-opencl",
        CORE,
        Set.of("dev.lamina:lamina-core", "dev.lamina:lamina-kernels", "org.jocl:jocl"));
  }

  @Test
  void modelsNeedCoreOnly() {
    assertTree("lamina-models", CORE, Set.of("dev.lamina:lamina-core"));
  }

  @Test
  void datasetsNeedCoreAndCompress() {
    // The last three are what commons-compress needs.
    Set<String> compress =
        Set.of(
            "org.apache.commons:commons-compress",
            "commons-codec:commons-codec",
            "commons-io:commons-io",
            "org.apache.commons:commons-lang3");
    assertTree("lamina-datasets", CORE, compress, Set.of("dev.lamina:lamina-core"));
  }

  @Test
  void testkitNeedsCoreAndJunit() {
    Set<String> own = treeOf("lamina-testkit");
    own.removeIf(name -> name.startsWith("org.junit.") || name.equals("org.opentest4j:opentest4j"));
    own.remove("org.apiguardian:apiguardian-api");
    Set<String> expected = new TreeSet<>(CORE);
    expected.add("dev.lamina:lamina-core");
    assertEquals(expected, own);
  }

  @Test
  void commandLineNeedsNeitherBenchmarksNorTestkit() {
    Set<String> own = treeOf("lamina-cli");
    own.removeIf(name -> !name.startsWith("dev.lamina:"));
    assertEquals(
        Set.of(
            "dev.lamina:lamina-core",
            "dev.lamina:lamina-cpu",
            "dev.lamina:lamina-cpu-host",
            "dev.lamina:lamina-cuda",
            "dev.lamina:lamina-cuda-platform",
            "dev.lamina:lamina-datasets",
            "dev.lamina:lamina-kernels",
            "dev.lamina:lamina-models",
            "dev.lamina:lamina-opencl"),
        own);
  }

  @Test
  void nobodyDependsOnBenchmarks() {
    for (Model module : PROJECT.modules()) {
      for (Dependency dependency : module.getDependencies()) {
        assertFalse(
            dependency.getArtifactId().startsWith("lamina-bench"),
            module.getArtifactId() + " depends on " + dependency.getArtifactId());
      }
    }
  }

  /** Maven takes the nearest version and Gradle the highest: with one version they agree. */
  @Test
  void noTreeHoldsOneLibraryInTwoVersions() {
    List<String> conflicts = new ArrayList<>();
    for (Model module : PROJECT.published()) {
      Map<String, String> versions = new TreeMap<>();
      for (Artifact artifact : resolve(module.getArtifactId())) {
        String other = versions.putIfAbsent(name(artifact), artifact.getVersion());
        if (other != null && !other.equals(artifact.getVersion())) {
          conflicts.add(module.getArtifactId() + ": " + artifact + " and " + other);
        }
      }
    }
    assertEquals(List.of(), conflicts);
  }

  @Test
  void everyVersionIsFixed() {
    for (Model module : PROJECT.modules()) {
      if (module.getArtifactId().equals("lamina-bom")) {
        continue;
      }
      for (Artifact artifact : resolve(module.getArtifactId())) {
        boolean own = artifact.getGroupId().equals("dev.lamina");
        String expected = own ? "\\Q" + PROJECT.version() + "\\E" : "[0-9][0-9A-Za-z.-]*";
        assertTrue(artifact.getVersion().matches(expected), artifact.toString());
        assertTrue(own || !artifact.isSnapshot(), artifact.toString());
      }
    }
  }

  /** A version written into a module would be one more place to look. */
  @Test
  void modulesNameNoVersionOfTheirOwn() {
    for (Model module : PROJECT.modules()) {
      for (Dependency dependency : module.getDependencies()) {
        String version = dependency.getVersion();
        assertTrue(
            version == null || version.matches("\\$\\{[a-z.]+}"),
            module.getArtifactId() + " writes a version: " + dependency);
      }
    }
  }

  @Test
  void modulesNameNoDependencyTwice() {
    for (Model module : PROJECT.modules()) {
      Set<String> keys = new TreeSet<>();
      for (Dependency dependency : module.getDependencies()) {
        assertTrue(
            keys.add(dependency.getManagementKey()),
            module.getArtifactId() + " names twice: " + dependency.getManagementKey());
      }
    }
  }

  @Test
  void everyPluginHasAVersionInTheParent() {
    for (Plugin plugin : PROJECT.parent().getBuild().getPluginManagement().getPlugins()) {
      assertTrue(plugin.getVersion().matches("[0-9.]+"), plugin.getKey());
    }
    Set<String> managed =
        PROJECT.parent().getBuild().getPluginManagement().getPluginsAsMap().keySet();
    for (Model module : PROJECT.modules()) {
      List<Plugin> plugins = new ArrayList<>();
      if (module.getBuild() != null) {
        plugins.addAll(module.getBuild().getPlugins());
      }
      for (Profile profile : module.getProfiles()) {
        if (profile.getBuild() != null) {
          plugins.addAll(profile.getBuild().getPlugins());
        }
      }
      for (Plugin plugin : plugins) {
        assertTrue(
            managed.contains(plugin.getKey()),
            module.getArtifactId() + " uses " + plugin.getKey() + ", whose version floats");
      }
    }
  }

  @Test
  void nothingPublishedLooksAtTheMachineThatBuilds() {
    List<Model> models = new ArrayList<>(PROJECT.published());
    models.add(PROJECT.parent());
    for (Model model : models) {
      for (Profile profile : model.getProfiles()) {
        assertEquals(
            null, profile.getActivation(), model.getArtifactId() + ", profile " + profile.getId());
      }
    }
  }

  @Test
  void hostAndPlatformBringTheSameNatives() {
    Model host = PROJECT.module("lamina-cpu-host");
    Set<String> hostNatives = new TreeSet<>();
    for (Profile profile : host.getProfiles()) {
      String classifier = profile.getProperties().getProperty("host.classifier");
      for (Dependency dependency : host.getDependencies()) {
        hostNatives.add(
            dependency.getArtifactId() + ":" + dependency.getVersion() + ":" + classifier);
      }
    }
    Set<String> platformNatives =
        PROJECT.module("lamina-cpu-platform").getDependencies().stream()
            .filter(dependency -> dependency.getClassifier() != null)
            .map(
                dependency ->
                    dependency.getArtifactId()
                        + ":"
                        + dependency.getVersion()
                        + ":"
                        + dependency.getClassifier())
            .collect(toCollection(TreeSet::new));
    assertEquals(15, platformNatives.size());
    assertEquals(hostNatives, platformNatives);
  }

  @ParameterizedTest
  @CsvSource({
    "Linux,      amd64,   linux-x86_64",
    "Linux,      aarch64, linux-arm64",
    "Mac OS X,   aarch64, macosx-arm64",
    "Mac OS X,   x86_64,  macosx-x86_64",
    "Windows 11, amd64,   windows-x86_64",
    "FreeBSD,    amd64,   no-natives-for-this-platform",
  })
  void hostBringsOneMachinesNatives(String osName, String osArch, String classifier) {
    Set<String> classifiers =
        DependencyResolver.asMaven(PROJECT, osName, osArch)
            .tree(DependencyResolver.artifact("lamina-cpu-host", PROJECT.version()))
            .stream()
            .map(Artifact::getClassifier)
            .collect(toCollection(TreeSet::new));
    // The empty one: the jars with the classes.
    assertEquals(Set.of("", classifier), classifiers);
  }

  @Test
  void bomListsEveryPublishedArtifact() {
    Set<String> published =
        PROJECT.published().stream().map(Model::getArtifactId).collect(toCollection(TreeSet::new));
    published.remove("lamina-bom");
    Set<String> listed =
        PROJECT.module("lamina-bom").getDependencyManagement().getDependencies().stream()
            .map(Dependency::getArtifactId)
            .collect(toCollection(TreeSet::new));
    assertEquals(published, listed);
  }

  @SafeVarargs
  private static void assertTree(String artifactId, Set<String>... expected) {
    Set<String> union = new TreeSet<>();
    for (Set<String> names : expected) {
      union.addAll(names);
    }
    assertEquals(union, treeOf(artifactId));
  }

  /** The names of all run-time dependencies, this artifact excepted. */
  private static Set<String> treeOf(String artifactId) {
    Set<String> names = new TreeSet<>();
    resolve(artifactId).forEach(artifact -> names.add(name(artifact)));
    names.remove("dev.lamina:" + artifactId);
    return names;
  }

  private static List<Artifact> resolve(String artifactId) {
    return RESOLVER.tree(DependencyResolver.artifact(artifactId, PROJECT.version()));
  }

  private static String name(Artifact artifact) {
    return artifact.getGroupId() + ":" + artifact.getArtifactId();
  }
}
