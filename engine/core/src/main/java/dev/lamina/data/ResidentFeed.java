package dev.lamina.data;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.Objects;

/** A whole data set on the device: each batch costs the host only its indices. */
public final class ResidentFeed implements BatchFeed {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Device device;
  private final int size;
  private final TensorSpec source;
  private final DeviceArena arena;
  private final DeviceBuffer samples;
  private final DeviceBuffer labels;
  private int[] order = {};
  private int batch = 1;
  private long next;

  /**
   * Copies the data set to the device.
   *
   * @throws dev.lamina.device.DeviceOutOfMemoryException if it does not fit
   */
  public ResidentFeed(Device device, Dataset dataset) {
    this.device = device;
    size = dataset.size();
    source = new TensorSpec(dataset.spec().type(), dataset.spec().batch(size));
    arena = device.arena("data set " + dataset.name());
    try {
      samples = arena.allocate("samples", source.bytes());
      labels = arena.allocate("labels", (long) size * Integer.BYTES);
      arena.seal();
      upload(device, dataset);
    } catch (RuntimeException | Error failure) {
      arena.close();
      throw failure;
    }
  }

  /** Returns the bytes a resident data set takes. */
  public static long bytes(Dataset dataset) {
    return (long) dataset.size() * (dataset.spec().bytes() + Integer.BYTES);
  }

  private void upload(Device device, Dataset dataset) {
    int sample = dataset.spec().bytes();
    int rows = Math.max(1, CHUNK_BYTES / sample);
    Stream stream = device.compute();
    try (PinnedBuffer staging = device.pinned("data set upload", (long) rows * sample);
        PinnedBuffer numbers = device.pinned("label upload", (long) rows * DataType.I32.bytes())) {
      for (int first = 0; first < size; first += rows) {
        int count = Math.min(rows, size - first);
        ByteBuffer pixels = staging.bytes().clear();
        ByteBuffer classes = numbers.bytes().clear();
        for (int row = first; row < first + count; row++) {
          SampleCopy.append(dataset, row, pixels, classes);
        }
        stream.upload(pixels.flip(), samples.slice((long) first * sample, (long) count * sample));
        stream.upload(
            classes.flip(),
            labels.slice((long) first * Integer.BYTES, (long) count * Integer.BYTES));
        stream.sync();
      }
    }
  }

  @Override
  public TensorSpec source() {
    return source;
  }

  @Override
  public DeviceBuffer samples() {
    return samples;
  }

  @Override
  public DeviceBuffer labels() {
    return labels;
  }

  @Override
  public void start(int[] order, int batch, int firstBatch) {
    if (batch < 1 || firstBatch < 0) {
      throw new IllegalArgumentException(
          "a pass cannot begin with batch %d of %d rows".formatted(firstBatch, batch));
    }
    // Steps gather by these indices and could not tell that one lies outside.
    for (int index : order) {
      Objects.checkIndex(index, size);
    }
    this.order = order;
    this.batch = batch;
    this.next = (long) firstBatch * batch;
  }

  @Override
  public void await() {
    if (next >= order.length) {
      throw new IllegalStateException(
          "the pass has %d samples, and all were used".formatted(order.length));
    }
  }

  @Override
  public int next(IntBuffer indices) {
    await();
    int rows = (int) Math.min(batch, order.length - next);
    indices.put(order, (int) next, rows);
    next += rows;
    return rows;
  }

  @Override
  public boolean resident() {
    return true;
  }

  @Override
  public void used() {
    // the data set stays where it is
  }

  @Override
  public long waitedNanos() {
    return 0;
  }

  @Override
  public long bytesInUse() {
    return arena.bytesInUse();
  }

  @Override
  public void close() {
    device.turn().lock();
    try {
      arena.close();
    } finally {
      device.turn().unlock();
    }
  }
}
