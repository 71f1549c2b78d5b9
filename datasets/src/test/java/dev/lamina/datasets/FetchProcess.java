package dev.lamina.datasets;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that fetches one file and prints what it hears. */
final class FetchProcess {
  private FetchProcess() {}

  /** Takes the mirror's address, the file's length, its sha256 and the folder. */
  public static void main(String[] args) {
    DownloadListener printing =
        new DownloadListener() {
          @Override
          public void progress(String file, long bytes, long totalBytes) {}

          @Override
          public void notice(String message) {
            System.out.println(message);
          }
        };
    PublishedFile file =
        new PublishedFile(
            "demo", "file.bin", Long.parseLong(args[1]), args[2], "", List.of(URI.create(args[0])));
    new Downloader(printing).fetch(file, Path.of(args[3]));
    System.out.println("fetched");
  }
}
