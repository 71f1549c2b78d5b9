package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.IoReason;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * CIFAR-10 batch files as one data set: records of a label byte and the red, green and blue planes.
 *
 * <p>The files are mapped, not read: their 184 MB take neither heap nor the JVM's direct memory,
 * which are small where {@code -Xmx} is, and a second run finds them in the system's page cache.
 * They must stay as they are while the data set is in use.
 */
final class CifarBatches implements Dataset {
  static final String FOLDER = "cifar-10-batches-bin";
  static final String CLASS_NAMES = "batches.meta.txt";
  static final List<String> TRAIN_FILES =
      IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList();
  static final List<String> TEST_FILES = List.of("test_batch.bin");
  static final List<String> FILES =
      Stream.of(TRAIN_FILES, TEST_FILES).flatMap(List::stream).toList();

  private final String name;
  private final SampleSpec spec;
  private final Normalization normalization;
  private final List<ByteBuffer> batches;

  /** Batch {@code b} holds the samples from {@code starts[b]} on; the last entry is the size. */
  private final int[] starts;

  private final byte[] labels;

  private CifarBatches(
      String name,
      SampleSpec spec,
      Normalization normalization,
      List<ByteBuffer> batches,
      int[] starts,
      byte[] labels) {
    this.name = name;
    this.spec = spec;
    this.normalization = normalization;
    this.batches = batches;
    this.starts = starts;
    this.labels = labels;
  }

  /**
   * Maps the files and checks their lengths and labels.
   *
   * @throws DataException if a file is missing or holds something else than such records
   */
  static CifarBatches open(
      Path folder, List<String> files, String name, SampleSpec spec, Normalization normalization) {
    int recordBytes = 1 + spec.bytes();
    List<ByteBuffer> batches = new ArrayList<>();
    int[] starts = new int[files.size() + 1];
    for (int b = 0; b < files.size(); b++) {
      ByteBuffer batch = map(folder.resolve(files.get(b)), recordBytes);
      batches.add(batch);
      starts[b + 1] = Math.addExact(starts[b], batch.capacity() / recordBytes);
    }
    byte[] labels = new byte[starts[files.size()]];
    for (int b = 0; b < files.size(); b++) {
      for (int i = starts[b]; i < starts[b + 1]; i++) {
        labels[i] = batches.get(b).get((i - starts[b]) * recordBytes);
        if ((labels[i] & 0xFF) >= spec.classes()) {
          throw new DataException(
              "%s: label %d of record %d is outside 0..%d: the file is damaged or no CIFAR-10 batch"
                  .formatted(
                      folder.resolve(files.get(b)),
                      labels[i] & 0xFF,
                      i - starts[b],
                      spec.classes() - 1));
        }
      }
    }
    return new CifarBatches(name, spec, normalization, batches, starts, labels);
  }

  private static ByteBuffer map(Path path, int recordBytes) {
    try (FileChannel channel = FileChannel.open(path)) {
      long bytes = channel.size();
      if (bytes == 0 || bytes % recordBytes != 0 || bytes > Integer.MAX_VALUE) {
        throw new DataException(
            ("%s has %d bytes, which are not whole records of %d: it is damaged or no CIFAR-10"
                    + " batch; put the file there anew")
                .formatted(path, bytes, recordBytes));
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
    } catch (IOException e) {
      throw new DataException("cannot read " + path + ": " + IoReason.of(e), e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SampleSpec spec() {
    return spec;
  }

  @Override
  public Normalization normalization() {
    return normalization;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    if (index < 0 || index >= labels.length) {
      throw new IndexOutOfBoundsException("sample " + index + " of " + labels.length);
    }
    int batch = 0;
    while (index >= starts[batch + 1]) {
      batch++;
    }
    int bytes = spec.bytes();
    if (destination.remaining() < bytes) {
      throw new BufferOverflowException();
    }
    int from = (index - starts[batch]) * (1 + bytes) + 1;
    destination.put(destination.position(), batches.get(batch), from, bytes);
    destination.position(destination.position() + bytes);
  }
}
