package dev.lamina.datasets;

/** Hears what opening a data set is doing when it takes long; called on the opening thread. */
public interface DownloadListener {
  /** Says nothing. */
  DownloadListener SILENT =
      new DownloadListener() {
        @Override
        public void progress(String file, long bytes, long totalBytes) {}

        @Override
        public void notice(String message) {}
      };

  /**
   * A file is arriving; called at its start, at most a few times a second, and at its end, where
   * {@code bytes} equals {@code totalBytes}.
   *
   * @param bytes what has arrived, what was there from an earlier try included
   */
  void progress(String file, long bytes, long totalBytes);

  /**
   * Something happened that a user may wonder about: a mirror failed, another process is waited
   * for.
   */
  void notice(String message);
}
