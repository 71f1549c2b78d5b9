import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Builds the command line for the launchers ({@code lamina}, {@code lamina.cmd}), which run this
 * file: {@code java Build.java ROOT KEY}. ROOT is the project's folder; KEY names the running JDK
 * as part of a file name. Does only what is missing: nothing, or the JVM's arguments for this JDK,
 * or all. At exit code 0 the folder {@code ROOT/target/launcher} holds
 *
 * <ul>
 *   <li>{@code current}: the name of the build's folder there, then ROOT,
 *   <li>{@code BUILD/class-path}: the jars, one a line,
 *   <li>{@code BUILD/KEY.args}: the JVM's arguments for this JDK,
 *   <li>{@code sources}, {@code stamp}: a build is stale when something named in the first is newer
 *       than the second, when one of its jars is gone, or when the project was moved,
 *   <li>{@code tool}: this file, compiled.
 * </ul>
 *
 * <p>Each build has a folder of its own, so that a training run keeps its classes while the sources
 * are edited and built again. Runs before anything is built, hence one file that needs only a JDK.
 */
public final class Build {
  private static final String SOURCE = "cli/src/launcher/java/Build.java";
  private static final String MAIN_CLASS = "dev.lamina.cli.Main";
  private static final int LOG_LINES = 30;
  private static final int BUILDS_KEPT = 3;

  private final Path root;
  private final Path state;
  private final Path log;

  private Build(Path root) {
    this.root = root;
    this.state = root.resolve("target").resolve("launcher");
    this.log = state.resolve("build.log");
  }

  /** Brings the build up to date; the class says with which arguments and to what effect. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try {
      new Build(Path.of(args[0]).toRealPath()).update(args[1]);
    } catch (BuildException e) {
      System.err.println("lamina: " + e.getMessage());
      System.exit(e.exitCode);
    }
  }

  private void update(String key) throws IOException, InterruptedException {
    try (FileChannel channel = openLock();
        FileLock lock = lock(channel)) {
      if (isStale()) {
        build();
      }
      Path build = currentBuild();
      if (!Files.exists(build.resolve(key + ".args"))) {
        writeArguments(build, key);
      }
    }
  }

  private FileChannel openLock() {
    try {
      Files.createDirectories(state);
      return FileChannel.open(
          state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new BuildException(3, "cannot write to " + state + ", where the build goes: " + e);
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    FileLock lock = channel.tryLock();
    if (lock == null) {
      System.err.println("lamina: another start is building the command line; waiting for it");
      lock = channel.lock();
    }
    return lock;
  }

  private Path currentBuild() throws IOException {
    return state.resolve(Files.readAllLines(state.resolve("current")).get(0));
  }

  private boolean isStale() throws IOException {
    Path stamp = state.resolve("stamp");
    Path current = state.resolve("current");
    if (!Files.exists(stamp) || !Files.exists(current)) {
      return true;
    }
    List<String> nameAndRoot = Files.readAllLines(current);
    if (nameAndRoot.size() != 2
        || !nameAndRoot.get(1).equals(root.toString())
        || !Files.exists(currentBuild().resolve("class-path"))) {
      return true;
    }
    for (String jar : Files.readAllLines(currentBuild().resolve("class-path"))) {
      if (!Files.exists(Path.of(jar))) {
        return true;
      }
    }
    FileTime built = Files.getLastModifiedTime(stamp);
    for (String source : Files.readAllLines(state.resolve("sources"))) {
      Path path = root.resolve(source);
      if (!Files.exists(path) || hasNewer(path, built)) {
        return true;
      }
    }
    return false;
  }

  /** Looks at folders too: a deleted or renamed file shows in its folder's time. */
  private static boolean hasNewer(Path path, FileTime time) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.getLastModifiedTime(file).compareTo(time) > 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void build() throws IOException, InterruptedException {
    String maven = findMaven();
    System.err.println(
        Files.exists(state.resolve("stamp"))
            ? "lamina: sources changed, building the command line"
            : "lamina: building the command line (the first time downloads up to 80 MB)");
    // What is edited while Maven runs is newer than this file, and is built the next time.
    Path stamp = Files.writeString(state.resolve("stamp.new"), "");
    List<String> modules = modules();
    // Maven's compiler plugin does not see every change (a compiler argument, for one).
    for (String module : modules) {
      delete(target(module));
    }
    runMaven(maven);
    Path cli = cliJar();

    Path build = Files.createDirectory(state.resolve("build-" + System.currentTimeMillis()));
    List<String> sources = new ArrayList<>(List.of(".mvn", "pom.xml", SOURCE, "cli/src/main"));
    List<String> classPath = new ArrayList<>();
    classPath.add(Files.copy(cli, build.resolve(cli.getFileName())).toString());
    for (Path entry : classPath(cli)) {
      String module = moduleOf(entry, modules);
      if (module == null) {
        classPath.add(entry.toString());
      } else {
        Path jar = target(module).resolve(entry.getFileName());
        classPath.add(Files.copy(jar, build.resolve(jar.getFileName())).toString());
        sources.add(module + "/src/main");
      }
    }
    modules.forEach(module -> sources.add(module + "/pom.xml"));
    Files.write(build.resolve("class-path"), classPath);
    compileThisFile();
    sources.removeIf(source -> !Files.exists(root.resolve(source)));
    replace(state.resolve("sources"), sources);
    replace(state.resolve("current"), List.of(build.getFileName().toString(), root.toString()));
    Files.move(stamp, state.resolve("stamp"), StandardCopyOption.REPLACE_EXISTING);
    deleteOldBuilds();
  }

  private void runMaven(String maven) throws IOException, InterruptedException {
    ProcessBuilder process =
        new ProcessBuilder(
            maven,
            "--batch-mode",
            "--no-transfer-progress",
            "-Dstyle.color=never",
            "--projects=cli",
            "--also-make",
            "--activate-profiles=launcher",
            "-Dlamina.target=target/launcher",
            "package");
    process.directory(root.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int exitCode = process.start().waitFor();
    if (exitCode != 0) {
      List<String> lines = Files.readAllLines(log);
      lines
          .subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
          .forEach(System.err::println);
      throw new BuildException(1, "the build failed; the whole log is " + log);
    }
  }

  private List<String> modules() throws IOException {
    return Pattern.compile("<module>(.*?)</module>")
        .matcher(Files.readString(root.resolve("pom.xml")))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private Path target(String module) {
    return root.resolve(module).resolve("target").resolve("launcher");
  }

  private Path cliJar() throws IOException {
    try (Stream<Path> files = Files.list(target("cli"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
    }
  }

  /** The dependencies, which the profile "launcher" of cli/pom.xml writes into the manifest. */
  private static List<Path> classPath(Path cli) throws IOException {
    try (JarFile jar = new JarFile(cli.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      Path repository = Path.of(manifest.getValue("Lamina-Repository"));
      return Stream.of(manifest.getValue(Attributes.Name.CLASS_PATH).split(" "))
          .map(repository::resolve)
          .toList();
    }
  }

  /** The module whose build made this jar, or null for a downloaded one. */
  private String moduleOf(Path jar, List<String> modules) {
    return modules.stream()
        .filter(module -> Files.exists(target(module).resolve(jar.getFileName())))
        .findFirst()
        .orElse(null);
  }

  /** Lets a launcher that cannot look at file times start this in a tenth of a second. */
  private void compileThisFile() {
    String tool = state.resolve("tool").toString();
    String source = root.resolve(SOURCE).toString();
    ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", tool, source);
  }

  private void deleteOldBuilds() throws IOException {
    List<Path> builds;
    try (Stream<Path> files = Files.list(state)) {
      builds =
          files
              .filter(file -> file.getFileName().toString().startsWith("build-"))
              .sorted()
              .toList();
    }
    for (Path build : builds.subList(0, Math.max(0, builds.size() - BUILDS_KEPT))) {
      try {
        delete(build);
      } catch (AccessDeniedException e) {
        // Windows keeps the files of a build that runs; a later build deletes them.
        continue;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Writes the JVM's arguments for the running JDK. */
  private void writeArguments(Path build, String key) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= 24) {
      arguments.add("--sun-misc-unsafe-memory-access=allow");
    }
    arguments.add("-cp");
    List<String> classPath = Files.readAllLines(build.resolve("class-path"));
    arguments.add(String.join(File.pathSeparator, classPath));
    Path archive = build.resolve(key + ".jsa");
    if (archiveClasses(archive, arguments)) {
      arguments.add(0, "-XX:SharedArchiveFile=" + archive);
      // A JDK that was updated in place passes over the archive: nothing a user need hear of.
      arguments.add(1, "-Xlog:cds*=off");
    }
    replace(build.resolve(key + ".args"), arguments.stream().map(Build::quote).toList());
  }

  /** Other starts read these files without the lock: they see the old lines or the new ones. */
  private static void replace(Path file, List<String> lines) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, lines);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Archives the classes that every command loads, which makes each start some 0.1 s shorter. A
   * static archive: a dynamic one leaves out picocli, whose class files are of an old version.
   */
  private boolean archiveClasses(Path archive, List<String> arguments)
      throws IOException, InterruptedException {
    String classes = archive + ".classes";
    List<String> list = new ArrayList<>(List.of("-XX:DumpLoadedClassList=" + classes));
    list.addAll(arguments);
    list.addAll(List.of(MAIN_CLASS, "models"));
    List<String> dump = new ArrayList<>(List.of("-Xshare:dump"));
    dump.add("-XX:SharedClassListFile=" + classes);
    dump.add("-XX:SharedArchiveFile=" + archive);
    dump.addAll(arguments);
    return runJava(list) == 0 && runJava(dump) == 0;
  }

  private int runJava(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseSerialGC");
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start()
        .waitFor();
  }

  /** An argument as the JVM's argument files want it. */
  private static String quote(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String findMaven() throws IOException, InterruptedException {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    String maven =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(folder -> new File(folder, windows ? "mvn.cmd" : "mvn"))
            .filter(File::canExecute)
            .findFirst()
            .orElseThrow(() -> mavenMissing("no mvn on the PATH"))
            .toString();
    ProcessBuilder builder = new ProcessBuilder(maven, "--version").redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    Matcher version = Pattern.compile("Apache Maven (\\d+)\\.(\\d+)\\S*").matcher(output);
    if (process.waitFor() != 0 || !version.find()) {
      throw mavenMissing(maven + " says: " + output.strip());
    }
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    if (major < 3 || (major == 3 && minor < 8)) {
      throw mavenMissing(maven + " is " + version.group());
    }
    return maven;
  }

  private static BuildException mavenMissing(String found) {
    // The launcher knows the platform's package manager: it needs it for the JDK too.
    String install = System.getenv("LAMINA_INSTALL");
    return new BuildException(
        3,
        "the first start builds the command line and needs Maven 3.8 or newer: "
            + found
            + "; install it with\n  "
            + install);
  }

  private static final class BuildException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    BuildException(int exitCode, String message) {
      super(message);
      this.exitCode = exitCode;
    }
  }
}
