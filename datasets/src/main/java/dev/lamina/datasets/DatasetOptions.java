package dev.lamina.datasets;

import dev.lamina.io.CacheFolder;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a data set's files are taken from and kept.
 *
 * @param dataDir the user's folder with the files, in it or in its subfolder of the data set's
 *     name; with it nothing is downloaded
 * @param cacheDir Lamina's own folder, for downloads and unpacked archives; made when needed
 * @param listener told of downloads, on the thread that opens the data set
 * @param images what becomes of the pictures where the data set is a folder of them
 */
public record DatasetOptions(
    Optional<Path> dataDir, Path cacheDir, DownloadListener listener, ImageOptions images) {

  /**
   * Returns options without a data directory, with {@code LAMINA_HOME} or else the platform's cache
   * folder, and a silent listener.
   */
  public static DatasetOptions defaults() {
    return new DatasetOptions(
        Optional.empty(), CacheFolder.standard(), DownloadListener.SILENT, ImageOptions.defaults());
  }

  /** Returns these options with the user's own folder of files. */
  public DatasetOptions withDataDir(Path folder) {
    return new DatasetOptions(Optional.of(folder), cacheDir, listener, images);
  }

  /** Returns these options with another folder for downloads and unpacked archives. */
  public DatasetOptions withCacheDir(Path folder) {
    return new DatasetOptions(dataDir, folder, listener, images);
  }

  /** Returns these options with another listener. */
  public DatasetOptions withListener(DownloadListener other) {
    return new DatasetOptions(dataDir, cacheDir, other, images);
  }

  /** Returns these options with other samples made of pictures. */
  public DatasetOptions withImages(ImageOptions other) {
    return new DatasetOptions(dataDir, cacheDir, listener, other);
  }

  /** Returns the folder that holds what Lamina keeps of the data set. */
  Path cacheOf(String dataset) {
    return cacheDir.resolve("datasets").resolve(dataset);
  }
}
