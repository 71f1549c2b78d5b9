package dev.lamina.data;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.tensor.TensorSpec;
import java.nio.IntBuffer;

/**
 * Brings the batches of a data set to a device: a step gathers its rows from {@link #samples()} and
 * {@link #labels()} by the indices that {@link #next} gives. Used by one thread, which holds the
 * device's turn except where a method says otherwise.
 */
public interface BatchFeed extends AutoCloseable {
  /** Returns the spec {@code [s, c, h, w]} of the samples on the device. */
  TensorSpec source();

  /** Returns the samples on the device. */
  DeviceBuffer samples();

  /** Returns the labels on the device, {@code i32[s]}. */
  DeviceBuffer labels();

  /**
   * Starts a pass over the data; one that is under way ends.
   *
   * @param order sample indices in the order in which they are used; kept, not copied
   * @param batch rows of a batch; the last one may be shorter
   * @param firstBatch batch to begin with, above 0 when a run resumes in mid-epoch
   */
  void start(int[] order, int batch, int firstBatch);

  /**
   * Waits until the next batch is loaded. Call it without the turn, so that others use the device
   * meanwhile.
   *
   * @throws DataException if the batch cannot be loaded, or the thread is interrupted
   * @throws IllegalStateException if all batches were used, or the last one not yet
   */
  void await();

  /**
   * Makes the next batch ready, orders the device's compute stream behind its upload, and puts its
   * rows' indices. Waits as {@link #await} does if the batch is not loaded yet.
   *
   * @return rows of the batch
   */
  int next(IntBuffer indices);

  /** Says whether the samples stay where they are, so that steps need nothing but indices. */
  boolean resident();

  /** Says that the step that uses the last batch has been enqueued. */
  void used();

  /**
   * Returns the nanoseconds for which the device had no work, because a batch was not loaded, since
   * the feed was made.
   */
  long waitedNanos();

  /** Returns the bytes of device memory the feed takes. */
  long bytesInUse();

  /** Waits for loaders and steps under way and releases all memory; takes the turn itself. */
  @Override
  void close();
}
