package dev.lamina.cuda.library;

import dev.lamina.device.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * NVIDIA's libraries from Maven, for who has put {@code org.bytedeco:cuda} with classifier {@code
 * linux-x86_64-redist} on the class path: CUDA 12's cuBLAS and NVRTC, and cuDNN 9. The loader wants
 * files, so they are unpacked into the cache folder, once.
 */
final class Redistributed {
  private static final String FOLDER = "org/bytedeco/cuda/linux-x86_64/";

  /** What tells that the artifact is there. */
  private static final String FIRST = "libcublas.so.12";

  private static final List<String> FILES =
      List.of(
          FIRST,
          "libcublasLt.so.12",
          "libnvrtc.so.12",
          "libnvrtc-builtins.so.12.6",
          "libcudnn.so.9",
          "libcudnn_graph.so.9",
          "libcudnn_ops.so.9",
          "libcudnn_cnn.so.9",
          "libcudnn_adv.so.9",
          "libcudnn_heuristic.so.9",
          "libcudnn_engines_precompiled.so.9",
          "libcudnn_engines_runtime_compiled.so.9");

  private Redistributed() {}

  /**
   * Returns the folder of the unpacked libraries; empty where the class path has none.
   *
   * @throws DeviceException if they cannot be unpacked
   */
  static Optional<Path> folder(ClassLoader classPath, Path cache) {
    URL first = classPath.getResource(FOLDER + FIRST);
    if (first == null) {
      return Optional.empty();
    }
    // Another release lies at another place.
    CRC32 place = new CRC32();
    place.update(first.toString().getBytes(StandardCharsets.UTF_8));
    Path folder = cache.resolve("cuda").resolve("redist-" + Long.toHexString(place.getValue()));
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        for (String name : FILES) {
          unpack(classPath.getResource(FOLDER + name), folder.resolve(name));
        }
        if (!held.isValid()) {
          throw new IOException("the lock on " + folder + " was lost");
        }
      }
      return Optional.of(folder);
    } catch (IOException failure) {
      throw new DeviceException(
          "NVIDIA's libraries from Maven cannot be unpacked into %s: %s; they take 2 GB there"
              .formatted(folder, failure.getMessage()),
          failure);
    }
  }

  /** Releases differ in which parts they have: what is not there is not wanted. */
  private static void unpack(URL resource, Path file) throws IOException {
    if (resource == null) {
      return;
    }
    URLConnection connection = resource.openConnection();
    try (InputStream content = connection.getInputStream()) {
      if (Files.exists(file) && Files.size(file) == connection.getContentLengthLong()) {
        return;
      }
      Path part = file.resolveSibling(file.getFileName() + ".part");
      Files.copy(content, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
