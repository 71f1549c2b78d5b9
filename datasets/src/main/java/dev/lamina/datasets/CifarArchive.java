package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.io.IoReason;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Unpacks the batch files of a CIFAR-10 archive, and only them, into a cache folder. */
final class CifarArchive {
  /** Ten times the published archive. */
  private static final long MOST_BYTES = 2L << 30;

  private CifarArchive() {}

  /**
   * Returns the folder with the archive's batch files; unpacks them if that was not done before.
   *
   * @param archive tar, zipped or not
   * @param sha256 the archive's hash, which names what was unpacked of it
   * @param cache where to put the folder
   * @throws DataException if the archive is damaged, hostile or incomplete, or the cache cannot be
   *     written
   */
  static Path unpack(Path archive, String sha256, Path cache, DownloadListener listener) {
    Path folder = cache.resolve("unpacked-" + sha256.substring(0, 16));
    if (!Files.isDirectory(folder)) {
      CacheLock.run(
          cache,
          listener,
          () -> {
            if (!Files.isDirectory(folder)) {
              listener.notice("unpacking " + archive + " into " + folder);
              Path unfinished = cache.resolve(folder.getFileName() + ".part");
              prepare(unfinished);
              extract(archive, unfinished);
              finish(unfinished, folder);
            }
          });
    }
    return folder;
  }

  private static void extract(Path archive, Path folder) {
    Set<String> found = new HashSet<>();
    try (InputStream in = Gzip.open(archive)) {
      TarFiles tar = new TarFiles(in, MOST_BYTES);
      byte[] buffer = new byte[1 << 16];
      for (Optional<String> entry = tar.next(); entry.isPresent(); entry = tar.next()) {
        String name = wanted(entry.get());
        if (name.isEmpty()) {
          continue;
        }
        if (!found.add(name)) {
          throw new IOException("it holds " + name + " twice");
        }
        write(tar, buffer, folder.resolve(name));
      }
    } catch (IOException e) {
      throw new DataException(
          "cannot read %s: %s; put the file there anew".formatted(archive, IoReason.of(e)), e);
    }
    List<String> missing =
        CifarBatches.FILES.stream().filter(name -> !found.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw new DataException(
          "%s lacks %s: it is not the binary version of CIFAR-10"
              .formatted(archive, String.join(", ", missing)));
    }
  }

  /** Returns the file name if the entry is one of those that make up the data set. */
  private static String wanted(String entry) {
    String name = entry.startsWith("./") ? entry.substring(2) : entry;
    if (name.startsWith(CifarBatches.FOLDER + "/")) {
      name = name.substring(CifarBatches.FOLDER.length() + 1);
    }
    return CifarBatches.FILES.contains(name) || name.equals(CifarBatches.CLASS_NAMES) ? name : "";
  }

  private static void write(TarFiles tar, byte[] buffer, Path path) throws IOException {
    try (FileOutputStream out = create(path)) {
      for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
        write(out, path, buffer, read);
      }
      sync(out, path);
    }
  }

  // Reading and writing fail for different reasons, and each asks something else of the user.
  private static FileOutputStream create(Path path) {
    try {
      return new FileOutputStream(path.toFile());
    } catch (IOException e) {
      throw CacheLock.unwritable(path, e);
    }
  }

  private static void write(FileOutputStream out, Path path, byte[] buffer, int bytes) {
    try {
      out.write(buffer, 0, bytes);
    } catch (IOException e) {
      throw CacheLock.unwritable(path, e);
    }
  }

  private static void sync(FileOutputStream out, Path path) {
    try {
      out.getFD().sync();
    } catch (IOException e) {
      throw CacheLock.unwritable(path, e);
    }
  }

  /** Makes an empty folder; what a process that died left there goes away. */
  private static void prepare(Path folder) {
    try {
      File[] left = folder.toFile().listFiles();
      if (left != null) {
        for (File file : left) {
          Files.delete(file.toPath());
        }
      }
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CacheLock.unwritable(folder, e);
    }
  }

  private static void finish(Path unfinished, Path folder) {
    try {
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw CacheLock.unwritable(folder, e);
    }
  }
}
