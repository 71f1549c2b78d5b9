package dev.lamina.project;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code ./lamina} in a project of one class, with a Maven that copies a ready jar: what is
 * built, when, and what the user reads if it cannot be.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final String MAIN =
      """
      package dev.lamina.cli;

      public class Main {
        public static void main(String[] args) {
          if (args.length == 1 && args[0].equals("models")) {
            System.exit(ARCHIVES ? 0 : 1);
          }
          System.out.println(System.getProperty("user.dir"));
          for (String arg : args) {
            System.out.println("<" + arg + ">");
          }
          System.exit(args.length);
        }
      }
      """;

  /** Copies the jar, or fails, as the test asks; counts its calls. */
  private static final String MAVEN =
      """
      #!/bin/sh
      if [ "$1" = --version ]; then echo "Apache Maven ${FAKE_VERSION:-3.9.9}"; exit; fi
      echo "$@" >>"$FAKES/calls"
      while [ -f "$FAKES/wait" ]; do sleep 0.02; done
      if [ -f "$FAKES/fail" ]; then echo '[ERROR] Main.java: that is no Java'; exit 1; fi
      mkdir -p cli/target/launcher && cp "$FAKES/cli.jar" cli/target/launcher/lamina-cli-1.jar
      """;

  @TempDir Path folder;
  private Path root;
  private Path fakes;
  private Path source;

  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void makeProject() throws IOException {
    // A space, as in many home folders.
    root = Files.createDirectory(folder.toRealPath().resolve("a project"));
    fakes = Files.createDirectory(folder.toRealPath().resolve("fakes"));
    copy("lamina");
    copy("cli/src/launcher/java/Build.java");
    Files.createDirectory(root.resolve(".mvn"));
    Files.writeString(root.resolve("pom.xml"), "<modules><module>cli</module></modules>");
    Files.writeString(root.resolve("cli/pom.xml"), "<project/>");
    source = root.resolve("cli/src/main/java/Main.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "");
    Files.writeString(fakes.resolve("mvn"), MAVEN);
    assertTrue(fakes.resolve("mvn").toFile().setExecutable(true));
    Files.writeString(fakes.resolve("calls"), "");
    makeJar(false);
  }

  @Test
  void firstStartBuildsAndLaterOnesOnlyRun() throws Exception {
    makeJar(true);
    Outcome first = run("train", "a  b", "it's \"quoted\" \\ * $HOME");
    assertEquals(3, first.exitCode);
    assertEquals(
        folder.toRealPath() + "\n<train>\n<a  b>\n<it's \"quoted\" \\ * $HOME>\n", first.out);
    assertEquals(1, first.err.lines().count(), first.err);
    assertTrue(first.err.startsWith("lamina: building the command line"), first.err);

    Outcome second = run("train");
    assertEquals(1, second.exitCode);
    assertEquals("", second.err);
    assertEquals(1, calls());
    try (Stream<Path> files = Files.walk(root.resolve("target/launcher"))) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith(".jsa")), "no class archive");
    }
  }

  @Test
  void changedSourcesBuildAgain() throws Exception {
    run();
    Path stamp = root.resolve("target/launcher/stamp");
    FileTime built = Files.getLastModifiedTime(stamp);
    Files.setLastModifiedTime(source, FileTime.fromMillis(built.toMillis() + 1));
    Outcome edited = run();
    assertTrue(edited.err.contains("sources changed"), edited.err);
    assertEquals(2, calls());

    Files.delete(source);
    run();
    assertEquals(3, calls(), "a deleted file changes the sources");

    Path moved = Files.move(root, folder.toRealPath().resolve("moved"));
    root = moved;
    run();
    assertEquals(4, calls(), "a moved project's arguments name folders that are gone");
    run();
    assertEquals(4, calls());
  }

  @Test
  void failedBuildShowsTheLog() throws Exception {
    Files.createFile(fakes.resolve("fail"));
    Outcome failed = run();
    assertEquals(1, failed.exitCode);
    assertTrue(failed.err.contains("[ERROR] Main.java: that is no Java"), failed.err);
    assertTrue(
        failed.err.contains(root.resolve("target/launcher/build.log").toString()), failed.err);
    assertEquals("", failed.out);

    Files.delete(fakes.resolve("fail"));
    assertEquals(0, run().exitCode);
    assertEquals(2, calls());
  }

  @Test
  void twoFirstStartsBuildOnce() throws Exception {
    Files.createFile(fakes.resolve("wait"));
    Process first = start(environment(), "one");
    BufferedReader firstErr = first.errorReader(UTF_8);
    assertTrue(firstErr.readLine().contains("building"));
    Process second = start(environment(), "two");
    BufferedReader secondErr = second.errorReader(UTF_8);
    assertTrue(secondErr.readLine().contains("another start is building"));
    Files.delete(fakes.resolve("wait"));
    assertEquals(1, first.waitFor());
    assertEquals(1, second.waitFor());
    assertEquals(1, calls());
  }

  @Test
  void missingMavenIsNamedWithItsInstallLine() throws Exception {
    Files.delete(fakes.resolve("mvn"));
    List<String> environment = environment();
    environment.set(0, "PATH=" + toolsOnly());
    Outcome missing = outcome(start(environment));
    assertEquals(3, missing.exitCode);
    assertTrue(missing.err.contains("no mvn on the PATH"), missing.err);
    assertTrue(missing.err.contains("install"), missing.err);
  }

  @Test
  void oldMavenIsNamedWithItsVersion() throws Exception {
    List<String> environment = environment();
    environment.add("FAKE_VERSION=3.6.3");
    Outcome old = outcome(start(environment));
    assertEquals(3, old.exitCode);
    assertTrue(old.err.contains("3.8 or newer") && old.err.contains("3.6.3"), old.err);
    assertEquals(0, calls());
  }

  @Test
  void missingJdkIsNamedWithItsInstallLine() throws Exception {
    List<String> environment = environment();
    environment.set(1, "JAVA_HOME=/no such folder");
    Outcome wrong = outcome(start(environment));
    assertEquals(3, wrong.exitCode);
    assertTrue(wrong.err.contains("JAVA_HOME is /no such folder"), wrong.err);

    environment.set(0, "PATH=" + toolsOnly());
    environment.set(1, "JAVA_HOME=");
    Outcome missing = outcome(start(environment));
    assertEquals(3, missing.exitCode);
    assertTrue(missing.err.contains("a JDK, 17 or newer, is needed"), missing.err);
    assertTrue(missing.err.contains("install"), missing.err);
    assertFalse(Files.exists(root.resolve("target")), "nothing may be left behind");
  }

  private Outcome run(String... args) throws IOException, InterruptedException {
    return outcome(start(environment(), args));
  }

  /** PATH first, then JAVA_HOME. */
  private List<String> environment() {
    return new ArrayList<>(
        List.of(
            "PATH=" + fakes + ":" + System.getenv("PATH"),
            "JAVA_HOME=" + System.getProperty("java.home"),
            "FAKES=" + fakes));
  }

  private Process start(List<String> environment, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(root.resolve("lamina").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toRealPath().toFile());
    builder.environment().remove("LAMINA_JAVA_OPTS");
    for (String variable : environment) {
      int equals = variable.indexOf('=');
      builder.environment().put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return builder.start();
  }

  private static Outcome outcome(Process process) throws IOException, InterruptedException {
    // Little enough that neither pipe fills while the other is read.
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    return new Outcome(process.waitFor(), out, err);
  }

  private long calls() throws IOException {
    return Files.readAllLines(fakes.resolve("calls")).size();
  }

  /** A folder with what the launcher itself calls, and neither java nor mvn. */
  private Path toolsOnly() throws IOException {
    Path tools = Files.createDirectories(folder.toRealPath().resolve("tools"));
    for (String tool : List.of("uname", "cat", "find", "dirname", "readlink", "sed")) {
      for (String path : System.getenv("PATH").split(":")) {
        Path found = Path.of(path, tool);
        if (Files.isExecutable(found)) {
          Path script = tools.resolve(tool);
          Files.writeString(script, "#!/bin/sh\nexec " + found + " \"$@\"\n");
          assertTrue(script.toFile().setExecutable(true));
          break;
        }
      }
    }
    return tools;
  }

  private void copy(String file) throws IOException {
    Path target = root.resolve(file);
    Files.createDirectories(target.getParent());
    Files.copy(ProjectModel.root().resolve(file), target);
    assertTrue(target.toFile().setExecutable(true));
  }

  /** Makes the jar that the false Maven "builds". */
  private void makeJar(boolean archives) throws IOException {
    Path java = fakes.resolve("Main.java");
    Files.writeString(java, MAIN.replace("ARCHIVES", Boolean.toString(archives)));
    int exitCode =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", fakes.toString(), java.toString());
    assertEquals(0, exitCode);
    Path dependency = fakes.resolve("repository/group/name/1/name-1.jar");
    Files.createDirectories(dependency.getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    jar(dependency, manifest, List.of());
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "group/name/1/name-1.jar");
    manifest.getMainAttributes().putValue("Lamina-Repository", fakes + "/repository");
    jar(fakes.resolve("cli.jar"), manifest, List.of("dev/lamina/cli/Main.class"));
  }

  private void jar(Path jar, Manifest manifest, List<String> entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (String entry : entries) {
        out.putNextEntry(new JarEntry(entry));
        Files.copy(fakes.resolve(entry), out);
      }
    }
  }
}
