package dev.lamina.cuda.library;

import dev.lamina.device.DeviceException;
import dev.lamina.device.Diagnosis;
import dev.lamina.io.CacheFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import jcuda.CudaException;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.nvrtc.JNvrtc;

/**
 * Loads the libraries into this process, once. NVIDIA's come first, by full path: the loader then
 * takes them for JCuda's natives wherever they lie.
 */
public final class Loading {
  private static Versions versions;
  private static DeviceException failure;

  private Loading() {}

  /**
   * Loads everything and asks for versions.
   *
   * @throws DeviceException if a library is missing, unusable or too old; the message says what
   *     helps. Later calls throw the same, since a process cannot try twice.
   */
  public static synchronized Versions load() {
    return load(LibrarySet.find(), CacheFolder.standard());
  }

  static synchronized Versions load(LibrarySet set, Path cache) {
    if (failure != null) {
      throw failure;
    }
    if (versions == null) {
      requireHealthy(set.findings());
      try {
        versions = loadFresh(set, cache);
        requireHealthy(versions.findings());
      } catch (DeviceException found) {
        failure = found;
        throw found;
      }
    }
    return versions;
  }

  /** Loads the parts of cuDNN, which it opens by name when it first computes. */
  public static void loadCudnnParts() {
    for (Path part : LibrarySet.find().cudnnParts()) {
      try {
        System.load(part.toString());
      } catch (UnsatisfiedLinkError notAlone) {
        // A part may want another first. cuDNN itself opens what it needs, and says what it lacks.
        continue;
      }
    }
  }

  private static void requireHealthy(List<Diagnosis> findings) {
    List<String> problems = new ArrayList<>();
    for (Diagnosis finding : findings) {
      boolean noDriver = finding.healthy() && finding.finding().startsWith("none");
      if (!finding.healthy() || noDriver) {
        problems.add(finding.subject() + ": " + finding.finding() + "; " + finding.advice());
      }
    }
    if (!problems.isEmpty()) {
      throw new DeviceException(String.join(". ", problems));
    }
  }

  private static Versions loadFresh(LibrarySet set, Path cache) {
    Path current = null;
    try {
      for (Path file : set.files()) {
        current = file;
        System.load(file.toString());
      }
    } catch (UnsatisfiedLinkError unusable) {
      throw new DeviceException(
          current + " cannot be loaded: " + firstLine(unusable.getMessage()), unusable);
    }
    try {
      initialise(cache);
      return ask();
    } catch (UnsatisfiedLinkError | CudaException | IOException unusable) {
      throw new DeviceException(
          "JCuda's native libraries cannot be loaded ("
              + firstLine(unusable.getMessage())
              + "); is dev.lamina:lamina-cuda-platform on the class path, and is the folder for"
              + " temporary files writable?",
          unusable);
    }
  }

  /**
   * Lets JCuda unpack its natives into the folder for temporary files. It writes them in place, so
   * one process at a time may do so.
   */
  private static void initialise(Path cache) throws IOException {
    Path lock = cache.resolve("cuda").resolve("natives.lock");
    Files.createDirectories(lock.getParent());
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      JCudaDriver.setExceptionsEnabled(false);
      JNvrtc.setExceptionsEnabled(false);
      JCublas2.setExceptionsEnabled(false);
      JCudnn.setExceptionsEnabled(false);
      if (!held.isValid()) {
        throw new IOException("the lock " + lock + " was lost");
      }
    }
  }

  private static Versions ask() {
    int[] driver = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(driver));
    int[] major = new int[1];
    int[] minor = new int[1];
    check("nvrtcVersion", JNvrtc.nvrtcVersion(major, minor));
    List<Integer> cublas = new ArrayList<>();
    for (int property = 0; property < 3; property++) {
      int[] value = new int[1];
      check("cublasGetProperty", JCublas2.cublasGetProperty(property, value));
      cublas.add(value[0]);
    }
    return new Versions(
        driver[0], 1000 * major[0] + 10 * minor[0], JCudnn.cudnnGetVersion(), cublas);
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new DeviceException(call + " failed with code " + status);
    }
  }

  private static String firstLine(String text) {
    return String.valueOf(text).lines().findFirst().orElse("no reason given").strip();
  }
}
