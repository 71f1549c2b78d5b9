package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.IoReason;
import dev.lamina.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Writes a data set as a folder of pictures, {@code train/CLASS/00000.png} and {@code test/...},
 * where the number is that of the sample.
 *
 * @param classes names of the classes to write; none for all
 * @param rest name of a class that gets the samples of all other classes; empty to leave them out
 * @param train most pictures to learn from
 * @param test most pictures to test on
 */
public record PictureExport(
    List<String> classes, Optional<String> rest, Limits train, Limits test) {
  /**
   * Most pictures of each class; the first ones are taken.
   *
   * @param most of a class that is not listed
   * @param byClass of listed classes, by the names that are written
   */
  public record Limits(int most, Map<String, Integer> byClass) {
    /** All there are. */
    public static final Limits NONE = new Limits(Integer.MAX_VALUE, Map.of());

    /** Copies the map. */
    public Limits {
      byClass = Map.copyOf(byClass);
    }

    private int of(String name) {
      return byClass.getOrDefault(name, most);
    }
  }

  /** Copies the list. */
  public PictureExport {
    classes = List.copyOf(classes);
  }

  /**
   * Writes the pictures.
   *
   * @param folder made if it is missing; else empty
   * @return how many were written
   * @throws DataException if the folder holds anything, the samples are no pictures, or a class is
   *     unknown
   */
  public int write(DataSplits data, Path folder) {
    SampleSpec spec = data.train().spec();
    if (spec.type() != DataType.U8 || (spec.channels() != 1 && spec.channels() != 3)) {
      throw new DataException("samples of %s are no pictures".formatted(spec));
    }
    for (String name : classes) {
      if (!spec.classNames().contains(name)) {
        throw new DataException(
            "%s has no class %s, only %s"
                .formatted(data.train().name(), name, String.join(", ", spec.classNames())));
      }
    }
    List<String> written = new ArrayList<>(classes.isEmpty() ? spec.classNames() : classes);
    rest.ifPresent(written::add);
    for (Limits limits : List.of(train, test)) {
      for (String name : limits.byClass().keySet()) {
        if (!written.contains(name)) {
          throw new DataException(
              "a limit is given for class %s, but written are %s"
                  .formatted(name, String.join(", ", written)));
        }
      }
    }
    try {
      Files.createDirectories(folder);
      try (Stream<Path> content = Files.list(folder)) {
        if (content.findAny().isPresent()) {
          throw new DataException(folder + " is not empty; choose another folder");
        }
      }
      return write(data.train(), folder.resolve("train"), train)
          + write(data.test(), folder.resolve("test"), test);
    } catch (IOException unwritable) {
      throw new DataException(
          "cannot write to " + folder + ": " + IoReason.of(unwritable), unwritable);
    }
  }

  private int write(Dataset dataset, Path folder, Limits limits) throws IOException {
    List<String> names = dataset.spec().classNames();
    Map<String, Integer> counts = new HashMap<>();
    int written = 0;
    for (int i = 0; i < dataset.size(); i++) {
      String name = names.get(dataset.label(i));
      boolean own = classes.isEmpty() || classes.contains(name);
      if (!own && rest.isEmpty()) {
        continue;
      }
      String target = own ? name : rest.get();
      if (counts.merge(target, 1, Integer::sum) > limits.of(target)) {
        continue;
      }
      Path file =
          folder
              .resolve(target.replaceAll("[/\\\\:*?\"<>|]", "-"))
              .resolve("%05d.png".formatted(i));
      Files.createDirectories(file.getParent());
      Files.write(file, png(dataset, i));
      written++;
    }
    return written;
  }

  private static byte[] png(Dataset dataset, int index) throws IOException {
    SampleSpec spec = dataset.spec();
    ByteBuffer values = ByteBuffer.allocate(spec.bytes());
    dataset.read(index, values);
    boolean grey = spec.channels() == 1;
    int type = grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
    BufferedImage image = new BufferedImage(spec.width(), spec.height(), type);
    int plane = spec.height() * spec.width();
    for (int y = 0; y < spec.height(); y++) {
      for (int x = 0; x < spec.width(); x++) {
        for (int c = 0; c < spec.channels(); c++) {
          int value = values.get(c * plane + y * spec.width() + x) & 0xff;
          image.getRaster().setSample(x, y, c, value);
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", stream);
    }
    return out.toByteArray();
  }
}
