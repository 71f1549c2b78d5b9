package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.device.Device;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays the step: enqueues copies of each batch's rows from the device, as late as a real step
 * would read them, and compares them when all is done.
 */
final class Consumer implements AutoCloseable {
  private record Taken(int batch, int[] expected, PinnedBuffer pixels, PinnedBuffer labels) {}

  private final Device device;
  private final PatternDataset dataset;
  private final BatchFeed feed;
  private final List<Taken> taken = new ArrayList<>();
  private int[] order;
  private int batchRows;
  private int next;

  Consumer(Device device, PatternDataset dataset, BatchFeed feed) {
    this.device = device;
    this.dataset = dataset;
    this.feed = feed;
  }

  void start(int[] order, int batchRows, int firstBatch) {
    this.order = order;
    this.batchRows = batchRows;
    next = firstBatch;
    feed.start(order, batchRows, firstBatch);
  }

  int batches() {
    return (order.length + batchRows - 1) / batchRows;
  }

  boolean hasNext() {
    return next < batches();
  }

  /** Takes a batch and enqueues its step, which runs {@code repeats} times. */
  void step(int repeats) {
    int rows = take();
    Taken batch = taken.get(taken.size() - 1);
    long sample = dataset.spec().bytes();
    Stream stream = device.compute();
    IntBuffer indices = batch.labels().bytes().asIntBuffer();
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (int row = 0; row < rows; row++) {
        int index = indices.get(row);
        stream.download(
            feed.samples().slice(index * sample, sample),
            batch.pixels().bytes().slice((int) (row * sample), (int) sample));
      }
    }
    for (int row = 0; row < rows; row++) {
      stream.download(
          feed.labels().slice(indices.get(row) * 4L, 4),
          batch.labels().bytes().slice(row * Integer.BYTES, Integer.BYTES));
    }
    feed.used();
  }

  void step() {
    step(1);
  }

  /** Takes a batch whose step never comes. */
  int take() {
    PinnedBuffer labels = device.pinned("labels", (long) batchRows * Integer.BYTES);
    PinnedBuffer pixels = device.pinned("pixels", (long) batchRows * dataset.spec().bytes());
    int from = next * batchRows;
    int rows = Math.min(batchRows, order.length - from);
    int[] expected = new int[rows];
    System.arraycopy(order, from, expected, 0, rows);
    taken.add(new Taken(next, expected, pixels, labels));
    IntBuffer indices = labels.bytes().order(ByteOrder.nativeOrder()).asIntBuffer();
    assertEquals(rows, feed.next(indices), "rows of batch " + next);
    assertEquals(rows, indices.position(), "indices of batch " + next);
    next++;
    return rows;
  }

  void finishPass() {
    while (hasNext()) {
      step();
    }
    check();
  }

  /** Compares what the steps read; only whole passes of steps may be outstanding. */
  void check() {
    device.compute().sync();
    for (Taken batch : taken) {
      String where = "batch " + batch.batch();
      ByteBuffer pixels = batch.pixels().bytes();
      IntBuffer labels = batch.labels().bytes().order(ByteOrder.nativeOrder()).asIntBuffer();
      for (int row = 0; row < batch.expected().length; row++) {
        int index = batch.expected()[row];
        PatternDataset.assertSample(index, pixels, where + ", row " + row);
        assertEquals(dataset.label(index), labels.get(row), where + ", label of row " + row);
      }
    }
    forget();
  }

  /** Drops what was taken without looking at it. */
  void forget() {
    for (Taken batch : taken) {
      batch.pixels().close();
      batch.labels().close();
    }
    taken.clear();
  }

  @Override
  public void close() {
    forget();
  }
}
