package dev.lamina.opencl;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.CacheFolder;
import dev.lamina.io.TextHash;
import dev.lamina.kernels.KernelSource;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jocl.CL;
import org.slf4j.LoggerFactory;

/**
 * Tries the drivers in a process of its own before this one loads them, since a broken driver ends
 * the process that calls it. The answer is kept until drivers are installed, removed or changed.
 * One that the machine's state may have caused, as a full disk or load, is kept for minutes alone.
 */
final class DriverProbe {
  /** Starts a process that writes what it does to a file. */
  interface Child {
    Process start(Path progress) throws IOException;
  }

  private static final int KEY_BYTES = 8;
  private static final String WORKS = "works";
  private static final String UNLOADABLE = "cannot be loaded: ";
  private static final String HANG = "the OpenCL drivers hang";
  private static final int SECONDS = 120;

  /** How long an answer is believed that may be another next time. */
  private static final Duration UNSETTLED = Duration.ofMinutes(10);

  /** Exit codes of a process that somebody ended: by Ctrl-C, the system out of memory, or TERM. */
  private static final Set<Integer> ENDED = Set.of(130, 137, 143);

  private static final Path VENDORS = Path.of("/etc/OpenCL/vendors");

  /** What changes when a loader is installed or removed. */
  private static final List<Path> LOADERS =
      List.of(Path.of("/etc/ld.so.cache"), Path.of("C:/Windows/System32/OpenCL.dll"));

  private final Path folder;
  private final String key;
  private final int seconds;
  private final Child child;

  /**
   * Makes a probe.
   *
   * @param folder where answers are kept
   * @param key what the answer depends on
   * @param seconds after which the child is taken to hang
   */
  DriverProbe(Path folder, String key, int seconds, Child child) {
    this.folder = folder;
    this.key = key;
    this.seconds = seconds;
    this.child = child;
  }

  /** Returns the probe of this machine's drivers. */
  static DriverProbe standard() {
    return new DriverProbe(
        CacheFolder.standard().resolve("opencl"), installed(), SECONDS, DriverProbe::startChild);
  }

  /**
   * Does nothing where the drivers are known to work or turn out to.
   *
   * @param anew whether to try drivers again that are known to fail, or to lack
   * @throws DeviceException if they end the process; the message names the device, if they got so
   *     far
   * @throws UnsatisfiedLinkError if the loader, or JOCL's part of it, cannot be loaded: trying that
   *     in this process would print lines of JOCL's
   */
  void check(boolean anew) {
    Path answer = folder.resolve("drivers-" + TextHash.of(key, KEY_BYTES));
    String text = kept(answer);
    if (text == null || anew && !text.equals(WORKS)) {
      text = ask();
      keep(answer, text);
    }
    if (text.startsWith(UNLOADABLE)) {
      throw new UnsatisfiedLinkError(text.substring(UNLOADABLE.length()));
    }
    if (!text.equals(WORKS)) {
      throw new DeviceException(
          "%s; %s; lamina doctor tries them anew".formatted(text, Advice.ofThisSystem().broken()));
    }
  }

  private void keep(Path answer, String text) {
    try {
      Files.createDirectories(folder);
      AtomicFile.write(answer, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      LoggerFactory.getLogger(DriverProbe.class)
          .warn("what OpenCL drivers do is not kept: {}", failure.getMessage());
    }
  }

  private static String kept(Path answer) {
    try {
      if (!Files.exists(answer)) {
        return null;
      }
      String text = Files.readString(answer);
      Instant since = Files.getLastModifiedTime(answer).toInstant();
      Duration age = Duration.between(since, Instant.now());
      boolean fresh = !age.isNegative() && age.compareTo(UNSETTLED) < 0;
      return fresh || settled(text) ? text : null;
    } catch (IOException unreadable) {
      return null;
    }
  }

  /** Says whether the drivers alone decide on an answer. */
  private static boolean settled(String text) {
    return text.startsWith(UNLOADABLE)
        ? LoadFailure.of(text).loaderMissing()
        : !text.startsWith(HANG);
  }

  private String ask() {
    Path progress = null;
    Process process = null;
    try {
      progress = Files.createTempFile("lamina-opencl", ".probe");
      process = child.start(progress);
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        return HANG + at(progress);
      }
      int code = process.exitValue();
      if (code == DriverTrial.FAULT) {
        throw new IOException(Files.readString(progress));
      }
      if (code == DriverTrial.UNLOADABLE) {
        return UNLOADABLE + Files.readString(progress).strip();
      }
      if (ENDED.contains(code)) {
        throw new IOException("their trial was ended from outside, code " + code);
      }
      return code == 0 ? WORKS : "the OpenCL drivers end the process, code " + code + at(progress);
    } catch (IOException failure) {
      throw new DeviceException("OpenCL drivers cannot be tried: " + failure.getMessage(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DeviceException("interrupted while OpenCL drivers were tried", interrupted);
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
      if (progress != null) {
        delete(progress);
        delete(crash(progress));
      }
    }
  }

  /** Where the child's virtual machine writes when a driver ends it. */
  private static Path crash(Path progress) {
    return progress.resolveSibling(progress.getFileName() + ".crash");
  }

  private static String at(Path progress) throws IOException {
    String device = Files.readString(progress).strip();
    return device.isEmpty() ? " when asked for devices" : " when " + device + " builds a kernel";
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      LoggerFactory.getLogger(DriverProbe.class).warn("{} is left behind", file);
    }
  }

  /** Names what decides what drivers do: their registrations, and what may replace those. */
  private static String installed() {
    List<String> lines = new ArrayList<>();
    for (String variable : List.of("OCL_ICD_VENDORS", "OCL_ICD_FILENAMES", "LD_LIBRARY_PATH")) {
      lines.add(variable + "=" + System.getenv(variable));
    }
    lines.add("linker " + Hardware.linkerFound());
    try (Stream<Path> files = Files.isDirectory(VENDORS) ? Files.list(VENDORS) : Stream.empty()) {
      Stream<Path> loaders = LOADERS.stream().filter(Files::exists);
      for (Path file : Stream.concat(loaders, files.sorted()).toList()) {
        lines.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
      }
    } catch (IOException unreadable) {
      lines.add("no list: " + unreadable.getMessage());
    }
    return String.join("\n", lines);
  }

  /** Starts {@link DriverTrial} with what it needs of this class path. */
  static Process startChild(Path progress) throws IOException {
    Set<String> classPath = new LinkedHashSet<>();
    for (Class<?> type :
        List.of(DriverProbe.class, DeviceInfo.class, KernelSource.class, CL.class)) {
      try {
        classPath.add(
            Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
      } catch (URISyntaxException unknown) {
        throw new IOException("nobody knows where " + type + " lies", unknown);
      }
    }
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + crash(progress),
            // It unpacks JOCL's library as this process will.
            "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
            "-cp",
            String.join(File.pathSeparator, classPath),
            DriverTrial.class.getName(),
            progress.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
