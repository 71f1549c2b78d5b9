package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ResidentFeedTest {
  /** More than two uploads' worth. */
  private static final int LARGE = 120_001;

  private static final int SIZE = 37;
  private static final int ROWS = 5;

  private static Device open(boolean late) {
    ReferenceOptions options = ReferenceOptions.defaults();
    return ReferenceDevice.open(late ? options.likeGpu() : options);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void passesBeginAndEndAnywhere(boolean late) {
    PatternDataset dataset = new PatternDataset(SIZE);
    try (Device device = open(late);
        ResidentFeed feed = new ResidentFeed(device, dataset);
        Consumer consumer = new Consumer(device, dataset, feed)) {
      for (int first = 0; first < 8; first++) {
        consumer.start(Sampler.shuffled(SIZE, 3, first), ROWS, first);
        consumer.finishPass();
        consumer.start(Sampler.shuffled(SIZE, 4, first), 1 + first, 0);
        consumer.step();
      }
      consumer.check();
      assertEquals(0, feed.waitedNanos());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theWholeDataSetIsCopied(boolean late) {
    PatternDataset dataset = new PatternDataset(LARGE);
    try (Device device = open(late);
        ResidentFeed feed = new ResidentFeed(device, dataset)) {
      assertEquals(LARGE, feed.source().shape().dim(0));
      assertEquals(ResidentFeed.bytes(dataset), feed.bytesInUse());
      ByteBuffer pixels = ByteBuffer.allocateDirect((int) feed.samples().bytes());
      ByteBuffer labels = ByteBuffer.allocateDirect((int) feed.labels().bytes());
      device.compute().download(feed.samples(), pixels);
      device.compute().download(feed.labels(), labels);
      device.compute().sync();
      IntBuffer classes = labels.order(ByteOrder.nativeOrder()).asIntBuffer();
      for (int index = 0; index < LARGE; index++) {
        for (int position = 0; position < PatternDataset.SPEC.bytes(); position++) {
          if (PatternDataset.value(index, position) != pixels.get()) {
            throw new AssertionError("sample " + index + ", byte " + position);
          }
        }
        assertEquals(dataset.label(index), classes.get(index));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatFailsLeavesNothing(boolean late) {
    PatternDataset dataset = new PatternDataset(LARGE);
    DataException reason = new DataException("file x is damaged");
    dataset.onRead =
        index -> {
          if (index == 100_000) {
            throw reason;
          }
        };
    try (Device device = open(late)) {
      assertSame(
          reason, assertThrows(DataException.class, () -> new ResidentFeed(device, dataset)));
    }
    ReferenceOptions little = ReferenceOptions.defaults().withMemory(1 << 30, 1 << 20);
    try (Device device = ReferenceDevice.open(little)) {
      assertThrows(DeviceOutOfMemoryException.class, () -> new ResidentFeed(device, dataset));
    }
  }

  @Test
  void misuseIsRefused() {
    try (Device device = open(true);
        ResidentFeed feed = new ResidentFeed(device, new PatternDataset(SIZE))) {
      IntBuffer indices = IntBuffer.allocate(SIZE);
      assertThrows(IllegalStateException.class, () -> feed.next(indices), "before start");
      int[] order = Sampler.sequential(SIZE);
      assertThrows(IllegalArgumentException.class, () -> feed.start(order, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> feed.start(order, ROWS, -1));
      // A step would gather from outside of the data set's memory.
      for (int outside : new int[] {-1, SIZE}) {
        assertThrows(
            IndexOutOfBoundsException.class, () -> feed.start(new int[] {0, outside}, 2, 0));
      }
      feed.start(order, SIZE - 1, 1);
      assertEquals(1, feed.next(indices));
      IllegalStateException over =
          assertThrows(IllegalStateException.class, () -> feed.next(indices));
      assertTrue(over.getMessage().contains("37 samples"), over.getMessage());
    }
  }
}
