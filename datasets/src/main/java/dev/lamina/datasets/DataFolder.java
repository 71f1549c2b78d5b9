package dev.lamina.datasets;

import dev.lamina.data.DataException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the files of one data set in a user's folder or in its subfolder of the data set's name.
 */
final class DataFolder {
  private DataFolder() {}

  /**
   * Returns one path for each file, all from one folder.
   *
   * @param names for each file the names it may have, the published one first
   * @throws DataException if the folder or one of the files is not there
   */
  static List<Path> find(
      DatasetOptions options, DatasetDescription dataset, List<List<String>> names) {
    Path given = options.dataDir().orElseThrow();
    if (!Files.isDirectory(given)) {
      throw new DataException(
          "the data directory %s %s; name a folder that holds %s"
              .formatted(
                  given,
                  Files.exists(given) ? "is not a folder" : "does not exist",
                  listed(names.stream().map(all -> all.get(0)).toList())));
    }
    Path own = given.resolve(dataset.name());
    for (Path folder : List.of(own, given)) {
      List<Path> found = new ArrayList<>();
      List<String> missing = new ArrayList<>();
      for (List<String> alternatives : names) {
        Optional<Path> file =
            alternatives.stream().map(folder::resolve).filter(Files::exists).findFirst();
        file.ifPresentOrElse(found::add, () -> missing.add(alternatives.get(0)));
      }
      if (missing.isEmpty()) {
        return found;
      }
      if (!found.isEmpty()) {
        throw new DataException(
            "data set %s: %s has %s, but not %s; put the missing files there"
                .formatted(
                    dataset.name(),
                    folder,
                    listed(found.stream().map(path -> path.getFileName().toString()).toList()),
                    listed(missing)));
      }
    }
    throw new DataException(
        ("data set %s: neither %s nor %s has its files; put %s there, or leave the data directory"
                + " away to download them (%d MB)")
            .formatted(
                dataset.name(),
                own,
                given,
                listed(names.stream().map(all -> all.get(0)).toList()),
                (dataset.downloadBytes() + 999_999) / 1_000_000));
  }

  private static String listed(List<String> names) {
    return String.join(", ", names);
  }
}
