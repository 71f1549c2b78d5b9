package dev.lamina.datasets;

import dev.lamina.data.DataSplits;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.naming.Names;
import dev.lamina.tensor.DataType;
import java.io.File;
import java.nio.file.Path;
import java.util.List;

/** The data sets a user can name. */
public final class DatasetCatalog {
  /**
   * Pixels from -1 to 1, so that the zeros around an image are neither ink nor paper. By the data's
   * own mean paper is next to zero, and LeNet-5 on MNIST ends 0.1 points lower:
   * docs/decisions/0011-ink-and-paper.md.
   */
  private static final Normalization INK_AND_PAPER = Normalization.range(1, -1);

  private static final List<DatasetSource> SOURCES =
      List.of(new DigitsSource(), mnist(), fashionMnist(), new CifarSource());

  private DatasetCatalog() {}

  /** Returns what is there, in the order in which to show it; opens nothing. */
  public static List<DatasetDescription> list() {
    return SOURCES.stream().map(DatasetSource::description).toList();
  }

  /**
   * Returns the description of one data set; opens nothing.
   *
   * @throws UnknownDatasetException if there is none of that name
   */
  public static DatasetDescription describe(String name) {
    return source(name).description();
  }

  /**
   * Returns the description of one data set or folder of pictures. Of a folder, only names are
   * read: the normalization is the middle of the range, until the folder is open.
   *
   * @param name a listed name, or a folder as {@link #isFolder} knows it
   * @throws UnknownDatasetException if there is none of that name
   * @throws dev.lamina.data.DataException if a folder has no classes
   */
  public static DatasetDescription describe(String name, DatasetOptions options) {
    return isFolder(name)
        ? new ImageFolder(Path.of(name), options.images()).description()
        : describe(name);
  }

  /** Returns whether a name means a folder of pictures: it has a separator, as ./photos has. */
  public static boolean isFolder(String name) {
    return name.contains("/") || name.contains(File.separator);
  }

  /**
   * Opens a data set: generates it, or finds its files in the user's folder or the cache, else
   * downloads them; verifies and decodes them. Files with other content than published are taken
   * when they are sound, and the splits' provenance says so.
   *
   * @param name a listed name, or a folder of pictures as {@link #isFolder} knows it
   * @throws UnknownDatasetException if there is none of that name
   * @throws dev.lamina.data.DataException if its data is missing, damaged or of another data set
   */
  public static DataSplits open(String name, DatasetOptions options) {
    return isFolder(name)
        ? new ImageFolder(Path.of(name), options.images()).open(options)
        : source(name).open(options);
  }

  private static DatasetSource source(String name) {
    List<String> names = list().stream().map(DatasetDescription::name).toList();
    for (DatasetSource source : SOURCES) {
      if (source.description().name().equals(name)) {
        return source;
      }
    }
    boolean folder = !name.isEmpty() && new File(name).isDirectory();
    throw new UnknownDatasetException(
        "unknown data set \"%s\"%s; there are %s%s"
            .formatted(
                name,
                Names.suggestion(name, names),
                String.join(", ", names),
                folder ? "; for the folder of pictures write ./" + name : ""));
  }

  private static DatasetSource mnist() {
    return new IdxSource(
        new DatasetDescription(
            "mnist",
            "handwritten digits",
            SampleSpec.of(DataType.U8, 1, 28, 28, 10),
            INK_AND_PAPER,
            60_000,
            10_000,
            bytes(PublishedFiles.OF_MNIST),
            "Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0; http://yann.lecun.com/exdb/mnist"),
        PublishedFiles.OF_MNIST);
  }

  private static DatasetSource fashionMnist() {
    return new IdxSource(
        new DatasetDescription(
            "fashion-mnist",
            "articles of clothing",
            new SampleSpec(
                DataType.U8,
                1,
                28,
                28,
                List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot")),
            INK_AND_PAPER,
            60_000,
            10_000,
            bytes(PublishedFiles.OF_FASHION_MNIST),
            "H. Xiao, K. Rasul, R. Vollgraf (Zalando SE); MIT;"
                + " https://github.com/zalandoresearch/fashion-mnist"),
        PublishedFiles.OF_FASHION_MNIST);
  }

  private static long bytes(List<PublishedFile> files) {
    return files.stream().mapToLong(PublishedFile::bytes).sum();
  }
}
