package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.Renormalized;
import dev.lamina.data.SampleSpec;
import dev.lamina.data.Subset;
import dev.lamina.io.IoReason;
import dev.lamina.tensor.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder of pictures with a subfolder for each class, or with such folders in {@code train} and
 * in {@code test} ({@code val}, {@code validation}). Subfolders are classes in the order of their
 * names; hidden files and files that are no pictures by their name are left out. Samples are dealt
 * out so that the first ones, however many, hold the classes in their proportion.
 */
final class ImageFolder implements DatasetSource {
  private static final List<String> SUFFIXES =
      List.of(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff");
  private static final List<String> TEST = List.of("test", "val", "validation");
  private static final String TRAIN = "train";

  /** The same pictures are kept for testing in every run, whatever its seed. */
  private static final long SPLIT_SEED = 1;

  /** A largest class of so many times the smallest is worth a word. */
  private static final double UNEVEN = 1.5;

  private final Path folder;
  private final ImageOptions options;

  ImageFolder(Path folder, ImageOptions options) {
    this.folder = folder;
    this.options = options;
  }

  /** A picture and the number of its class. */
  record Picture(Path file, int label) {}

  /** A picture and where it stands among those of its class, from 0 to 1. */
  private record Dealt(double place, Picture picture) {}

  @Override
  public DatasetDescription description() {
    Path train = trainFolder();
    List<String> classes = classes(train);
    int learnt = pictures(train, classes, DownloadListener.SILENT).size();
    int measured = measured(train, classes, DownloadListener.SILENT).size();
    int kept = measured > 0 ? 0 : (int) Math.round(learnt * options.testShare());
    return new DatasetDescription(
        name(),
        "pictures in " + folder,
        spec(classes),
        Normalization.range(channels(), -1),
        learnt - kept,
        measured + kept,
        0,
        folder.toString());
  }

  private String name() {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? "pictures" : name.toString();
  }

  private int channels() {
    return options.grey() ? 1 : 3;
  }

  private SampleSpec spec(List<String> classes) {
    return new SampleSpec(DataType.U8, channels(), options.height(), options.width(), classes);
  }

  private Path trainFolder() {
    if (!Files.isDirectory(folder)) {
      throw new DataException(
          "the folder of pictures %s %s"
              .formatted(folder, Files.exists(folder) ? "is no folder" : "does not exist"));
    }
    Path train = folder.resolve(TRAIN);
    return Files.isDirectory(train) ? train : folder;
  }

  private static List<String> classes(Path parent) {
    List<String> names = subfolders(parent);
    if (names.size() < 2) {
      throw new DataException(
          parent
              + " must have a subfolder of pictures for each of at least two classes, but has "
              + (names.isEmpty() ? "none" : names));
    }
    return names;
  }

  private static List<String> subfolders(Path parent) {
    return list(parent).stream()
        .filter(Files::isDirectory)
        .map(path -> path.getFileName().toString())
        .filter(name -> !name.startsWith("."))
        .toList();
  }

  private static List<Path> list(Path parent) {
    try (Stream<Path> content = Files.list(parent)) {
      return content.sorted().toList();
    } catch (IOException unreadable) {
      throw new DataException("cannot read " + parent + ": " + IoReason.of(unreadable), unreadable);
    }
  }

  @Override
  public DataSplits open(DatasetOptions places) {
    Path train = trainFolder();
    List<String> classes = classes(train);
    List<Picture> learnt = pictures(train, classes, places.listener());
    List<Picture> measured = measured(train, classes, places.listener());
    List<Picture> all = new ArrayList<>(learnt);
    all.addAll(measured);
    SampleSpec spec = spec(classes);
    byte[] pixels = new DecodedPictures(places, options).pixels(folder, all, spec);
    InMemoryDataset first = dataset(spec, learnt, pixels, 0);
    report(first, places.listener());
    Map<String, String> provenance = Map.of(name(), fingerprint(all));
    if (measured.isEmpty()) {
      Subset.Parts parts = Subset.stratified(first, options.testShare(), SPLIT_SEED);
      return normalized(parts.rest(), parts.part(), provenance);
    }
    return normalized(first, dataset(spec, measured, pixels, learnt.size()), provenance);
  }

  /** Test pictures have no say in how pixels become inputs. */
  private static DataSplits normalized(
      Dataset train, Dataset test, Map<String, String> provenance) {
    Normalization normalization = Normalization.measured(train);
    return new DataSplits(
        Renormalized.of(train, normalization), Renormalized.of(test, normalization), provenance);
  }

  /** The test pictures of a folder that has its own. */
  private List<Picture> measured(Path train, List<String> classes, DownloadListener listener) {
    if (!train.equals(folder)) {
      for (String name : TEST) {
        Path test = folder.resolve(name);
        if (Files.isDirectory(test)) {
          requireClasses(test, classes);
          return pictures(test, classes, listener);
        }
      }
    }
    return List.of();
  }

  private static void requireClasses(Path test, List<String> classes) {
    List<String> found = subfolders(test);
    if (!classes.containsAll(found)) {
      throw new DataException(
          "%s has classes %s, but those to learn are %s".formatted(test, found, classes));
    }
  }

  private static List<Picture> pictures(
      Path parent, List<String> classes, DownloadListener listener) {
    List<Dealt> pictures = new ArrayList<>();
    int others = 0;
    for (int label = 0; label < classes.size(); label++) {
      Path own = parent.resolve(classes.get(label));
      List<Path> files = new ArrayList<>();
      for (Path file : Files.isDirectory(own) ? list(own) : List.<Path>of()) {
        String name = file.getFileName().toString();
        if (SUFFIXES.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith)
            && !name.startsWith(".")) {
          files.add(file);
        } else if (!name.startsWith(".")) {
          others++;
        }
      }
      for (int i = 0; i < files.size(); i++) {
        pictures.add(new Dealt((i + 0.5) / files.size(), new Picture(files.get(i), label)));
      }
    }
    if (others > 0) {
      listener.notice(
          "%s: %d files are no pictures by their name and left out".formatted(parent, others));
    }
    if (pictures.isEmpty()) {
      throw new DataException(
          parent + " has no pictures: no file ends in " + String.join(", ", SUFFIXES));
    }
    return pictures.stream()
        .sorted(Comparator.comparingDouble(Dealt::place))
        .map(Dealt::picture)
        .toList();
  }

  private InMemoryDataset dataset(
      SampleSpec spec, List<Picture> pictures, byte[] pixels, int first) {
    int elements = spec.elements();
    byte[] own = Arrays.copyOfRange(pixels, first * elements, (first + pictures.size()) * elements);
    int[] labels = pictures.stream().mapToInt(Picture::label).toArray();
    return InMemoryDataset.ofPixels(name(), spec, Normalization.range(channels(), -1), own, labels);
  }

  private static void report(InMemoryDataset dataset, DownloadListener listener) {
    int[] counts = new int[dataset.spec().classes()];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.label(i)]++;
    }
    int most = Arrays.stream(counts).max().orElseThrow();
    int least = Arrays.stream(counts).min().orElseThrow();
    if (least == 0 || (double) most / least > UNEVEN) {
      List<String> named = new ArrayList<>();
      for (int c = 0; c < counts.length; c++) {
        named.add(dataset.spec().classNames().get(c) + " " + counts[c]);
      }
      listener.notice(
          "%s: classes are of uneven size: %s".formatted(dataset.name(), String.join(", ", named)));
    }
  }

  /** Names and sizes: content would take as long as decoding. */
  private String fingerprint(List<Picture> pictures) {
    StringBuilder text = new StringBuilder();
    for (Picture picture : pictures) {
      text.append(folder.relativize(picture.file())).append(' ');
      text.append(DecodedPictures.size(picture.file())).append('\n');
    }
    byte[] bytes = text.toString().replace('\\', '/').getBytes(StandardCharsets.UTF_8);
    return pictures.size() + " pictures, names and sizes sha256 " + Sha256.of(bytes);
  }
}
