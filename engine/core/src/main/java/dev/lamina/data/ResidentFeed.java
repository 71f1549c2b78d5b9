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

/** A whole data set on the device: each batch costs the host only its indices. */
public final class ResidentFeed implements BatchFeed {
  private static final int CHUNK_BYTES = 1 << 20;

  private final TensorSpec source;
  private final DeviceArena arena;
  private final DeviceBuffer samples;
  private final DeviceBuffer labels;
  private int[] order = {};
  private int batch;
  private int next;

  /**
   * Copies the data set to the device.
   *
   * @throws dev.lamina.device.DeviceOutOfMemoryException if it does not fit
   */
  public ResidentFeed(Device device, Dataset dataset) {
    source = new TensorSpec(dataset.spec().type(), dataset.spec().batch(dataset.size()));
    arena = device.arena("data set " + dataset.name());
    try {
      samples = arena.allocate("samples", source.bytes());
      labels = arena.allocate("labels", (long) dataset.size() * Integer.BYTES);
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
      for (int first = 0; first < dataset.size(); first += rows) {
        int count = Math.min(rows, dataset.size() - first);
        ByteBuffer pixels = staging.bytes().clear();
        ByteBuffer classes = numbers.bytes().clear();
        for (int row = first; row < first + count; row++) {
          dataset.read(row, pixels);
          classes.putInt(dataset.label(row));
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
    this.order = order;
    this.batch = batch;
    this.next = firstBatch * batch;
  }

  @Override
  public int next(IntBuffer indices) {
    int rows = Math.min(batch, order.length - next);
    indices.put(order, next, rows);
    next += rows;
    return rows;
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
    arena.close();
  }
}
