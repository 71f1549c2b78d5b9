package dev.lamina.datasets;

import java.net.URI;
import java.util.List;

/**
 * One file of a data set as its authors published it.
 *
 * @param dataset name of the data set
 * @param name file name, the same at every mirror
 * @param bytes length
 * @param sha256 hash of the file, lower-case hexadecimal
 * @param contentSha256 hash of the file after gunzip; empty where only the file itself is known
 * @param mirrors full addresses, the first one asked first; what they send is held to {@code
 *     sha256}
 */
record PublishedFile(
    String dataset,
    String name,
    long bytes,
    String sha256,
    String contentSha256,
    List<URI> mirrors) {
  PublishedFile {
    mirrors = List.copyOf(mirrors);
  }
}
