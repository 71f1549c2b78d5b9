package dev.lamina.bench.micro;

import dev.lamina.data.DataSplits;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.datasets.DatasetOptions;
import dev.lamina.random.Philox;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Opening a data set of idx files: hashing, gunzip, decoding. 10,000 images to train on and 1,000
 * to test on, a seventh and a tenth of MNIST; one pixel in five is not black, as there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IdxOpenBenchmark {
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;
  private static final int EXTENT = 28;
  private static final int CLASSES = 10;

  private Path folder;
  private DatasetOptions options;

  /** Writes the four files. */
  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("lamina-idx");
    options = DatasetOptions.defaults().withDataDir(folder);
    writeSplit("train", 10_000);
    writeSplit("t10k", 1_000);
  }

  /** Opens the data set from its files. */
  @Benchmark
  public DataSplits open() {
    return DatasetCatalog.open("mnist", options);
  }

  /** Removes the files. */
  @TearDown
  public void remove() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private void writeSplit(String split, int count) throws IOException {
    Philox random = new Philox(1, count);
    try (DataOutputStream images = gzip(split + "-images-idx3-ubyte.gz");
        DataOutputStream labels = gzip(split + "-labels-idx1-ubyte.gz")) {
      images.writeInt(IMAGES_MAGIC);
      images.writeInt(count);
      images.writeInt(EXTENT);
      images.writeInt(EXTENT);
      labels.writeInt(LABELS_MAGIC);
      labels.writeInt(count);
      for (int i = 0; i < count; i++) {
        labels.writeByte(random.below(CLASSES, i, EXTENT * EXTENT));
        for (int pixel = 0; pixel < EXTENT * EXTENT; pixel++) {
          int value = random.below(1280, i, pixel);
          images.writeByte(value < 256 ? value : 0);
        }
      }
    }
  }

  private DataOutputStream gzip(String name) throws IOException {
    return new DataOutputStream(
        new GZIPOutputStream(Files.newOutputStream(folder.resolve(name)), 1 << 16));
  }
}
