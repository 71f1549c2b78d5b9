package dev.lamina.datasets;

import dev.lamina.data.DataException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The table of published files: names, hashes and where to get them. */
final class PublishedFiles {
  private static final List<String> MNIST =
      List.of(
          "https://ossci-datasets.s3.amazonaws.com/mnist/",
          "https://storage.googleapis.com/cvdf-datasets/mnist/");
  private static final List<String> FASHION_MNIST =
      List.of(
          "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
          "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");
  private static final List<String> CIFAR_10 =
      List.of(
          "https://www.cs.toronto.edu/~kriz/",
          "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
          "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/");

  /** Train images, train labels, test images, test labels. */
  static final List<PublishedFile> OF_MNIST =
      List.of(
          file(
              "mnist",
              "train-images-idx3-ubyte.gz",
              9_912_422,
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
              "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
              MNIST),
          file(
              "mnist",
              "train-labels-idx1-ubyte.gz",
              28_881,
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
              MNIST),
          file(
              "mnist",
              "t10k-images-idx3-ubyte.gz",
              1_648_877,
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
              MNIST),
          file(
              "mnist",
              "t10k-labels-idx1-ubyte.gz",
              4_542,
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
              MNIST));

  /** Train images, train labels, test images, test labels. */
  static final List<PublishedFile> OF_FASHION_MNIST =
      List.of(
          file(
              "fashion-mnist",
              "train-images-idx3-ubyte.gz",
              26_421_880,
              "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
              "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
              FASHION_MNIST),
          file(
              "fashion-mnist",
              "train-labels-idx1-ubyte.gz",
              29_515,
              "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
              "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
              FASHION_MNIST),
          file(
              "fashion-mnist",
              "t10k-images-idx3-ubyte.gz",
              4_422_102,
              "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
              "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
              FASHION_MNIST),
          file(
              "fashion-mnist",
              "t10k-labels-idx1-ubyte.gz",
              5_148,
              "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
              "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
              FASHION_MNIST));

  static final PublishedFile OF_CIFAR_10 =
      file(
          "cifar-10",
          "cifar-10-binary.tar.gz",
          170_052_171,
          "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
          "",
          CIFAR_10);

  private static final List<PublishedFile> ALL =
      Stream.of(OF_MNIST, OF_FASHION_MNIST, List.of(OF_CIFAR_10)).flatMap(List::stream).toList();

  private PublishedFiles() {}

  /**
   * Judges a file in a user's folder by its hash.
   *
   * @param found the file, for the message
   * @param expected what it is used as
   * @param sha256 its hash, or that of its content
   * @return whether it is the published file
   * @throws DataException if it is known to be another file than it is used as
   */
  static boolean isOfficial(Path found, PublishedFile expected, String sha256) {
    for (PublishedFile known : ALL) {
      if (known.sha256().equals(sha256) || known.contentSha256().equals(sha256)) {
        if (known.equals(expected)) {
          return true;
        }
        throw new DataException(
            String.format(
                "%s is %s of %s (by its sha256), not %s of %s: name the folder that holds %s",
                found,
                known.name(),
                known.dataset(),
                expected.name(),
                expected.dataset(),
                expected.dataset()));
      }
    }
    return false;
  }

  private static PublishedFile file(
      String dataset,
      String name,
      long bytes,
      String sha256,
      String contentSha256,
      List<String> folders) {
    return new PublishedFile(
        dataset,
        name,
        bytes,
        sha256,
        contentSha256,
        folders.stream().map(folder -> URI.create(folder + name)).toList());
  }
}
