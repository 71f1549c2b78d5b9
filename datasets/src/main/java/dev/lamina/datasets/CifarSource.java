package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.IoReason;
import dev.lamina.tensor.DataType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** CIFAR-10 in its binary version: the archive, or the folder that was unpacked from it. */
final class CifarSource implements DatasetSource {
  private static final int MOST_NAME_BYTES = 4096;

  private static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  @Override
  public DatasetDescription description() {
    return new DatasetDescription(
        PublishedFiles.OF_CIFAR_10.dataset(),
        "colour photographs of animals and vehicles",
        new SampleSpec(DataType.U8, 3, 32, 32, CLASS_NAMES),
        Normalization.pixels(
            List.of(0.4914f, 0.4822f, 0.4465f), List.of(0.2470f, 0.2435f, 0.2616f)),
        50_000,
        10_000,
        PublishedFiles.OF_CIFAR_10.bytes(),
        "A. Krizhevsky, V. Nair, G. Hinton; no formal licence, cite \"Learning Multiple Layers of"
            + " Features from Tiny Images\", 2009; https://www.cs.toronto.edu/~kriz/cifar.html");
  }

  @Override
  public DataSplits open(DatasetOptions options) {
    PublishedFile published = PublishedFiles.OF_CIFAR_10;
    Path cache = options.cacheOf(published.dataset());
    Path found =
        options.dataDir().isPresent()
            ? find(options)
            : new Downloader(options.listener()).fetch(published, cache);
    Map<String, String> provenance = new TreeMap<>();
    if (found.getFileName().toString().equals(CifarBatches.FILES.get(0))) {
      return readFolder(found.getParent(), provenance);
    }
    if (Files.isDirectory(found)) {
      return readFolder(found, provenance);
    }
    String sha256 = Sha256.of(found);
    boolean official = PublishedFiles.isOfficial(found, published, sha256);
    provenance.put(
        found.getFileName().toString(),
        (official ? "official" : "unknown content") + ", sha256 " + sha256);
    Path folder = CifarArchive.unpack(found, sha256, cache, options.listener());
    return splits(folder, provenance);
  }

  private Path find(DatasetOptions options) {
    String archive = PublishedFiles.OF_CIFAR_10.name();
    List<String> names =
        List.of(
            archive,
            archive.substring(0, archive.length() - ".gz".length()),
            CifarBatches.FOLDER,
            CifarBatches.FILES.get(0));
    return DataFolder.find(options, description(), List.of(names)).get(0);
  }

  /** Reads a folder of the user's, about whose files nothing is known yet. */
  private DataSplits readFolder(Path folder, Map<String, String> provenance) {
    DataSplits splits = splits(folder, provenance);
    for (String file : CifarBatches.FILES) {
      provenance.put(file, "unknown content, sha256 " + Sha256.of(folder.resolve(file)));
    }
    return new DataSplits(splits.train(), splits.test(), provenance);
  }

  private DataSplits splits(Path folder, Map<String, String> provenance) {
    DatasetDescription description = description();
    SampleSpec published = description.spec();
    SampleSpec spec =
        new SampleSpec(
            published.type(),
            published.channels(),
            published.height(),
            published.width(),
            classNames(folder.resolve(CifarBatches.CLASS_NAMES)));
    String name = description.name();
    Normalization normalization = description.normalization();
    return new DataSplits(
        CifarBatches.open(folder, CifarBatches.TRAIN_FILES, name, spec, normalization),
        CifarBatches.open(folder, CifarBatches.TEST_FILES, name, spec, normalization),
        provenance);
  }

  private static List<String> classNames(Path file) {
    if (!Files.exists(file)) {
      return CLASS_NAMES;
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MOST_NAME_BYTES), StandardCharsets.UTF_8);
      List<String> names = text.lines().map(String::strip).filter(n -> !n.isEmpty()).toList();
      if (names.size() != CLASS_NAMES.size()) {
        throw new DataException(
            "%s names %d classes where CIFAR-10 has %d; put the file there anew, or remove it"
                .formatted(file, names.size(), CLASS_NAMES.size()));
      }
      return names;
    } catch (IOException e) {
      throw new DataException("cannot read " + file + ": " + IoReason.of(e), e);
    }
  }
}
