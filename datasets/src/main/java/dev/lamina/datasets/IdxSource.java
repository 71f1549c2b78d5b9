package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.SampleSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A data set in four idx files: images and labels to train on, images and labels to test on. */
final class IdxSource implements DatasetSource {
  private static final int TRAIN_IMAGES = 0;
  private static final int TEST_IMAGES = 2;

  private final DatasetDescription description;
  private final List<PublishedFile> files;

  /**
   * Makes the source.
   *
   * @param files train images, train labels, test images, test labels
   */
  IdxSource(DatasetDescription description, List<PublishedFile> files) {
    this.description = description;
    this.files = files;
  }

  @Override
  public DatasetDescription description() {
    return description;
  }

  @Override
  public DataSplits open(DatasetOptions options) {
    List<Path> paths = options.dataDir().isPresent() ? find(options) : download(options);
    Map<String, String> provenance = new TreeMap<>();
    Dataset train = read(paths, TRAIN_IMAGES, provenance);
    Dataset test = read(paths, TEST_IMAGES, provenance);
    return new DataSplits(train, test, provenance);
  }

  private List<Path> find(DatasetOptions options) {
    List<List<String>> names = new ArrayList<>();
    for (PublishedFile file : files) {
      String plain = file.name().substring(0, file.name().length() - ".gz".length());
      // Some copies of the unzipped files have a dot before "idx".
      names.add(List.of(file.name(), plain, plain.replace("-idx", ".idx")));
    }
    return DataFolder.find(options, description, names);
  }

  private List<Path> download(DatasetOptions options) {
    Downloader downloader = new Downloader(options.listener());
    Path folder = options.cacheOf(description.name());
    return files.stream().map(file -> downloader.fetch(file, folder)).toList();
  }

  private Dataset read(List<Path> paths, int images, Map<String, String> provenance) {
    SampleSpec spec = description.spec();
    Path imagePath = paths.get(images);
    Path labelPath = paths.get(images + 1);
    IdxFile pixels = read(imagePath, files.get(images), provenance, spec.height(), spec.width());
    IdxFile classes = read(labelPath, files.get(images + 1), provenance);
    if (pixels.count() != classes.count()) {
      throw new DataException(
          "%s has %d images, but %s has %d labels: they do not belong together"
              .formatted(imagePath, pixels.count(), labelPath, classes.count()));
    }
    int[] labels = new int[classes.count()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = classes.values()[i] & 0xFF;
      if (labels[i] >= spec.classes()) {
        throw new DataException(
            "%s: label %d of item %d is outside 0..%d: the file is damaged or of another data set"
                .formatted(labelPath, labels[i], i, spec.classes() - 1));
      }
    }
    return InMemoryDataset.ofPixels(
        description.name(), spec, description.normalization(), pixels.values(), labels);
  }

  private static IdxFile read(
      Path path, PublishedFile expected, Map<String, String> provenance, int... extents) {
    String sha256 = Sha256.of(path);
    boolean official = PublishedFiles.isOfficial(path, expected, sha256);
    IdxFile file = IdxFile.read(path, extents);
    // The same content may have been unzipped, or zipped by another program.
    official = official || PublishedFiles.isOfficial(path, expected, file.contentSha256());
    provenance.put(
        path.getFileName().toString(),
        (official ? "official" : "unknown content") + ", sha256 " + sha256);
    return file;
  }
}
