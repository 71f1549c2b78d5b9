package dev.lamina.cuda.library;

import dev.lamina.device.DeviceException;
import dev.lamina.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * The two small libraries that let JCuda's natives for CUDA 12 call cuBLAS and NVRTC of CUDA 13.
 * They are built once, on the machine, by {@link #command()}: {@code bridge.c} says how they work.
 */
final class Bridge {
  private static final String SOURCE = "bridge.c";
  private static final String SCRIPT = "build";

  private final Path folder;

  /**
   * Makes the bridge in a cache folder.
   *
   * @param cache the folder for what can be made again
   */
  Bridge(Path cache) {
    // Another source gets another folder: a bridge of an older Lamina would lack functions.
    CRC32 sum = new CRC32();
    sum.update(resource(SOURCE));
    sum.update(resource(SCRIPT));
    folder = cache.resolve("cuda").resolve("bridge-" + Long.toHexString(sum.getValue()));
  }

  Path cublas() {
    return folder.resolve("libcublas.so.12");
  }

  Path nvrtc() {
    return folder.resolve("libnvrtc.so.12");
  }

  boolean built() {
    return Files.isRegularFile(cublas()) && Files.isRegularFile(nvrtc());
  }

  /**
   * Lays out source and script, and returns the command that builds the bridge.
   *
   * @throws DeviceException if the folder cannot be written
   */
  String command() {
    try {
      Files.createDirectories(folder);
      for (String name : new String[] {SOURCE, SCRIPT}) {
        if (!Files.exists(folder.resolve(name))) {
          AtomicFile.write(folder.resolve(name), resource(name));
        }
      }
    } catch (IOException failure) {
      throw new DeviceException("the CUDA 13 bridge: " + failure.getMessage(), failure);
    }
    return "sh " + folder.resolve(SCRIPT);
  }

  private static byte[] resource(String name) {
    try (InputStream stream = Bridge.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("the jar of lamina-cuda lacks " + name);
      }
      return stream.readAllBytes();
    } catch (IOException failure) {
      throw new IllegalStateException("the jar of lamina-cuda cannot be read: " + name, failure);
    }
  }
}
