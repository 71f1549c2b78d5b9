package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures as samples, decoded by the threads of the common pool and kept in the cache folder until
 * a picture changes its name, size or time.
 */
final class DecodedPictures {
  private static final String CACHE = "pictures";

  private final DatasetOptions places;
  private final ImageOptions options;

  DecodedPictures(DatasetOptions places, ImageOptions options) {
    this.places = places;
    this.options = options;
  }

  /** Returns the bytes of a file. */
  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException unreadable) {
      throw new DataException("cannot read " + file + ": " + IoReason.of(unreadable), unreadable);
    }
  }

  /**
   * Returns the samples one behind the other.
   *
   * @throws DataException if a picture cannot be read, or all together are too large
   */
  byte[] pixels(Path folder, List<ImageFolder.Picture> pictures, SampleSpec spec) {
    long bytes = (long) pictures.size() * spec.bytes();
    if (bytes > Integer.MAX_VALUE - 16) {
      throw new DataException(
          "%d pictures of %s take %d MB, more than the 2,147 that fit; choose smaller samples"
              .formatted(pictures.size(), spec, bytes / 1_000_000));
    }
    Path cached = places.cacheOf(CACHE).resolve(key(folder, pictures) + ".pixels");
    try {
      if (Files.isRegularFile(cached) && Files.size(cached) == bytes) {
        return Files.readAllBytes(cached);
      }
    } catch (IOException unreadable) {
      places.listener().notice(cached + " cannot be read and is made anew");
    }
    byte[] pixels = decode(pictures, spec, (int) bytes);
    CacheLock.run(
        cached.getParent(),
        places.listener(),
        () -> {
          try {
            AtomicFile.write(cached, pixels);
          } catch (IOException unwritable) {
            throw CacheLock.unwritable(cached, unwritable);
          }
        });
    return pixels;
  }

  private static byte[] decode(List<ImageFolder.Picture> pictures, SampleSpec spec, int bytes) {
    byte[] pixels = new byte[bytes];
    IntStream.range(0, pictures.size())
        .parallel()
        .forEach(
            i -> {
              byte[] sample = ImageSample.read(pictures.get(i).file(), spec);
              System.arraycopy(sample, 0, pixels, i * sample.length, sample.length);
            });
    return pixels;
  }

  private String key(Path folder, List<ImageFolder.Picture> pictures) {
    StringBuilder text = new StringBuilder(folder.toAbsolutePath().normalize().toString());
    text.append(' ').append(options.height()).append('x').append(options.width());
    text.append(options.grey() ? " grey" : " colour");
    for (ImageFolder.Picture picture : pictures) {
      text.append('\n').append(picture.file()).append(' ').append(size(picture.file()));
      try {
        text.append(' ').append(Files.getLastModifiedTime(picture.file()).toMillis());
      } catch (IOException unreadable) {
        throw new DataException(
            "cannot read " + picture.file() + ": " + IoReason.of(unreadable), unreadable);
      }
    }
    return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
