package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.DataType;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InMemoryDatasetTest {
  private static final SampleSpec PIXELS = SampleSpec.of(DataType.U8, 1, 2, 2, 3);
  private static final SampleSpec FLOATS = SampleSpec.of(DataType.F32, 2, 1, 1, 3);
  private static final Normalization GREY = Normalization.pixels(List.of(0.5f), List.of(0.25f));

  @Test
  void readsPixelsAtThePositionOfTheDestination() {
    byte[] pixels = {0, 1, 2, 3, (byte) 200, (byte) 201, (byte) 202, (byte) 255};
    InMemoryDataset dataset =
        InMemoryDataset.ofPixels("mine", PIXELS, GREY, pixels, new int[] {2, 0});
    assertEquals(2, dataset.size());
    assertEquals("mine", dataset.name());
    assertEquals(PIXELS, dataset.spec());
    assertEquals(GREY, dataset.normalization());
    assertEquals(2, dataset.label(0));
    assertEquals(0, dataset.label(1));

    ByteBuffer batch = ByteBuffer.allocateDirect(10);
    batch.position(1);
    dataset.read(1, batch);
    assertEquals(5, batch.position());
    dataset.read(0, batch);
    assertEquals(9, batch.position());
    byte[] bytes = new byte[10];
    batch.get(0, bytes);
    assertArrayEquals(
        new byte[] {0, (byte) 200, (byte) 201, (byte) 202, (byte) 255, 0, 1, 2, 3, 0}, bytes);
  }

  @Test
  void readsFloatsInNativeOrder() {
    float[] values = {1f, -2f, 3.5f, Float.MIN_VALUE};
    InMemoryDataset dataset = InMemoryDataset.ofFloats("mine", FLOATS, values, new int[] {1, 2});
    assertEquals(Normalization.identity(2), dataset.normalization());
    ByteBuffer batch = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    batch.position(4);
    dataset.read(1, batch);
    assertEquals(12, batch.position());
    assertEquals(3.5f, batch.getFloat(4));
    assertEquals(Float.MIN_VALUE, batch.getFloat(8));
  }

  @Test
  void leavesTheByteOrderOfTheDestinationAlone() {
    InMemoryDataset dataset =
        InMemoryDataset.ofFloats("mine", FLOATS, new float[] {1f, 2f}, new int[] {0});
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    ByteBuffer batch = ByteBuffer.allocate(8).order(other);
    dataset.read(0, batch);
    assertEquals(other, batch.order());
    assertEquals(1f, batch.order(ByteOrder.nativeOrder()).getFloat(0));
  }

  @Test
  void refusesIndicesAndDestinationsThatDoNotFit() {
    InMemoryDataset dataset =
        InMemoryDataset.ofPixels("mine", PIXELS, GREY, new byte[4], new int[] {0});
    assertThrows(IndexOutOfBoundsException.class, () -> dataset.read(1, ByteBuffer.allocate(8)));
    assertThrows(IndexOutOfBoundsException.class, () -> dataset.label(1));
    assertThrows(BufferOverflowException.class, () -> dataset.read(0, ByteBuffer.allocate(3)));
  }

  @Test
  void saysWhatIsWrongWithArraysThatDoNotFit() {
    assertMessage(
        "data set mine: 2 labels of u8 1x2x2, 3 classes need 8 values, but 7 were given",
        () -> InMemoryDataset.ofPixels("mine", PIXELS, GREY, new byte[7], new int[2]));
    assertMessage(
        "data set mine has no samples",
        () -> InMemoryDataset.ofPixels("mine", PIXELS, GREY, new byte[0], new int[0]));
    assertMessage(
        "data set mine: label 3 of sample 1 is outside 0..2",
        () -> InMemoryDataset.ofPixels("mine", PIXELS, GREY, new byte[8], new int[] {0, 3}));
    assertMessage(
        "data set mine: label -1 of sample 0 is outside 0..2",
        () -> InMemoryDataset.ofFloats("mine", FLOATS, new float[2], new int[] {-1}));
    assertMessage(
        "data set mine: normalization has 2 channels, samples have 1",
        () ->
            InMemoryDataset.ofPixels(
                "mine", PIXELS, Normalization.identity(2), new byte[4], new int[1]));
    assertMessage(
        "data set mine: f32 samples given for u8 1x2x2, 3 classes",
        () -> InMemoryDataset.ofFloats("mine", PIXELS, new float[4], new int[1]));
  }

  @Test
  void splitsOfDifferentKindsAreRefused() {
    Dataset pixels = InMemoryDataset.ofPixels("mine", PIXELS, GREY, new byte[4], new int[1]);
    Dataset floats = InMemoryDataset.ofFloats("mine", FLOATS, new float[2], new int[1]);
    assertMessage(
        "training samples (u8 1x2x2, 3 classes) and test samples (f32 2x1x1, 3 classes) of mine"
            + " differ",
        () -> new DataSplits(pixels, floats, Map.of()));
  }

  private static void assertMessage(String expected, Runnable action) {
    DataException failure = assertThrows(DataException.class, action::run);
    assertTrue(
        failure.getMessage().equals(expected),
        () -> "expected: " + expected + "\nactual:   " + failure.getMessage());
  }
}
