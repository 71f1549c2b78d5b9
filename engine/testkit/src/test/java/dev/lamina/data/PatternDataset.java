package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/**
 * Samples whose every byte tells their index and place, and hooks to hold up or to break reading.
 */
final class PatternDataset implements Dataset {
  static final SampleSpec SPEC = SampleSpec.of(DataType.U8, 1, 4, 5, 7);

  private final int size;

  /** Called by the reading thread before each sample. */
  volatile IntConsumer onRead = index -> {};

  PatternDataset(int size) {
    this.size = size;
  }

  /** Holds up readers of some samples, until it is opened. */
  static final class Gate implements IntConsumer {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch waiting;
    private final int from;

    /** Lets indices below {@code from} pass; {@code readers} others are expected to wait. */
    Gate(int from, int readers) {
      this.from = from;
      waiting = new CountDownLatch(readers);
    }

    @Override
    public void accept(int index) {
      if (index >= from) {
        waiting.countDown();
        boolean interrupted = false;
        while (true) {
          try {
            closed.await();
            break;
          } catch (InterruptedException again) {
            interrupted = true;
          }
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    void awaitReaders() throws InterruptedException {
      waiting.await();
    }

    void open() {
      closed.countDown();
    }
  }

  static byte value(int index, int position) {
    return (byte) (index * 37 + index / 7 + position * 11);
  }

  static void assertSample(int index, ByteBuffer pixels, String where) {
    for (int position = 0; position < SPEC.bytes(); position++) {
      int place = position;
      assertEquals(
          value(index, position),
          pixels.get(),
          () -> where + ": sample " + index + ", byte " + place);
    }
  }

  @Override
  public String name() {
    return "pattern";
  }

  @Override
  public SampleSpec spec() {
    return SPEC;
  }

  @Override
  public Normalization normalization() {
    return Normalization.identity(1);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int label(int index) {
    return index * 5 % SPEC.classes();
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    onRead.accept(index);
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("sample " + index + " of " + size);
    }
    for (int position = 0; position < SPEC.bytes(); position++) {
      destination.put(value(index, position));
    }
  }
}
