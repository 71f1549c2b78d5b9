package dev.lamina.project;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.tools.ToolProvider;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.eclipse.aether.artifact.Artifact;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs {@code docs/example}, which the README shows, against the published artifacts
 * as a Gradle build would resolve them.
 */
class ExampleIT {
  @TempDir Path folder;

  @Test
  void exampleCompilesAndRuns() throws IOException, InterruptedException {
    ProjectModel project = ProjectModel.read();
    Path example = ProjectModel.root().resolve("docs/example");
    String classPath = classPath(project, ProjectModel.readPom(example.resolve("pom.xml")));

    String source = example.resolve("src/main/java/Example.java").toString();
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "--release=17",
                "-Xlint:all,-path",
                "-Werror",
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                classPath,
                source);
    assertEquals(0, compiled, messages.toString(UTF_8));

    Path output = folder.resolve("output");
    int exitCode =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.language=en",
                "-cp",
                folder + File.pathSeparator + classPath,
                "Example")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
            .waitFor();
    assertEquals(0, exitCode, Files.readString(output));
    assertEquals(Files.readString(example.resolve("output.txt")), Files.readString(output));
  }

  /** The example's dependencies with theirs, less the natives of other machines than this. */
  private static String classPath(ProjectModel project, Model example) {
    DependencyResolver resolver = DependencyResolver.asGradle(new PublishedArtifacts(project));
    Set<String> files = new LinkedHashSet<>();
    for (Dependency dependency : example.getDependencies()) {
      Artifact root = DependencyResolver.artifact(dependency.getArtifactId(), project.version());
      for (Artifact artifact : resolver.tree(root)) {
        if (artifact.getClassifier().isEmpty() || resolver.has(artifact)) {
          files.add(resolver.file(artifact).toString());
        }
      }
    }
    return String.join(File.pathSeparator, files);
  }
}
