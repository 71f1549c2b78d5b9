package dev.lamina.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  /** Two samples of two channels of two pixels: 0, 255, 255, 0 and 10 throughout. */
  private static final Dataset PIXELS =
      InMemoryDataset.ofPixels(
          "pixels",
          SampleSpec.of(DataType.U8, 2, 1, 2, 2),
          Normalization.range(2, -1),
          new byte[] {0, (byte) 255, 10, 10, (byte) 255, 0, 10, 10},
          new int[] {0, 1});

  private static final Dataset FLOATS =
      InMemoryDataset.ofFloats(
          "floats", SampleSpec.of(DataType.F32, 1, 1, 1, 2), new float[] {1, 2}, new int[] {0, 1});

  private static float input(Normalization way, int channel, int pixel) {
    return (pixel * way.scale() - way.mean().get(channel)) / way.deviation().get(channel);
  }

  @Test
  void rangesEndWhereTheyShould() {
    Normalization centred = Normalization.range(1, -1);
    assertEquals(-1, input(centred, 0, 0));
    assertEquals(1, input(centred, 0, 255), 1e-6);
    Normalization positive = Normalization.range(3, 0);
    assertEquals(0, input(positive, 2, 0));
    assertEquals(1, input(positive, 2, 255), 1e-6);
  }

  @Test
  void measuresEachChannel() {
    Normalization measured = Normalization.measured(PIXELS);
    assertEquals(-1, input(measured, 0, 0), 1e-6);
    assertEquals(1, input(measured, 0, 255), 1e-6);
    assertEquals(0, input(measured, 1, 10), 1e-6);
    assertEquals(1 / 255f, measured.deviation().get(1), "a plane of one value is not blown up");
    assertTrue(
        assertThrows(DataException.class, () -> Normalization.measured(FLOATS))
            .getMessage()
            .contains("no pixels"));
  }

  @Test
  void replacesWhatADataSetSays() {
    Dataset other = Renormalized.of(PIXELS, Normalization.measured(PIXELS));
    assertEquals(Normalization.measured(PIXELS), other.normalization());
    assertEquals(PIXELS.size(), other.size());
    assertEquals(PIXELS.label(1), other.label(1));
    assertSame(PIXELS, Renormalized.of(PIXELS, PIXELS.normalization()));
    assertSame(FLOATS, Renormalized.of(FLOATS, FLOATS.normalization()));
    Normalization grey = Normalization.pixels(List.of(0.5f), List.of(0.25f));
    assertThrows(DataException.class, () -> Renormalized.of(PIXELS, grey));
    assertThrows(DataException.class, () -> Renormalized.of(FLOATS, grey));
  }
}
