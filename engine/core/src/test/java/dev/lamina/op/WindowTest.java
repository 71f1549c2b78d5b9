package dev.lamina.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.Shape;
import dev.lamina.tensor.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
  /** Extents as PyTorch gives them for a row of that width. */
  @ParameterizedTest
  @CsvSource({
    "28, 5, 1, 2, 1, 28",
    "14, 5, 1, 0, 1, 10",
    "28, 2, 2, 0, 1, 14",
    "27, 2, 2, 0, 1, 13",
    "224, 7, 2, 3, 1, 112",
    "224, 11, 4, 2, 1, 55",
    "9, 3, 1, 0, 2, 5",
    "5, 3, 1, 0, 2, 1",
    "1, 3, 1, 1, 1, 1",
    "1, 1, 7, 0, 1, 1",
  })
  void slidesOverARow(int width, int size, int stride, int pad, int dilation, int expected) {
    Window window = new Window(1, size, 1, stride, 0, pad, 1, dilation);
    assertEquals(Shape.of(2, 7, 3, expected), window.slide("conv2d", Shape.of(2, 5, 3, width), 7));
    Window upright = new Window(size, 1, stride, 1, pad, 0, dilation, 1);
    assertEquals(Shape.of(2, 7, expected, 3), upright.slide("conv2d", Shape.of(2, 5, width, 3), 7));
  }

  @Test
  void tooLargeForTheInputIsAnErrorThatNamesBoth() {
    Window window = Window.of(5).dilation(2).pad(1);
    ShapeException large =
        assertThrows(ShapeException.class, () -> window.slide("conv2d", Shape.of(1, 3, 6, 9), 4));
    assertEquals(
        "conv2d: window 5x5 stride 1x1 pad 1x1 dilation 2x2 is larger than the padded input"
            + " [1,3,6,9]",
        large.getMessage());
  }

  @Test
  void inputMustBeImages() {
    ShapeException flat =
        assertThrows(ShapeException.class, () -> Window.of(1).slide("relu", Shape.of(3, 4), 4));
    assertTrue(flat.getMessage().contains("4 extents"), flat.getMessage());
  }

  @Test
  void partsAreSetOneByOne() {
    Window window = Window.of(3, 5).stride(2, 3).pad(1, 2).dilation(4);
    assertEquals(new Window(3, 5, 2, 3, 1, 2, 4, 4), window);
    assertEquals(15, window.area());
    assertEquals("3x5 stride 2x3 pad 1x2 dilation 4x4", window.toString());
    assertEquals("2x2 stride 2x2 pad 0x0", Window.of(2).stride(2).toString());
  }

  @ParameterizedTest
  @CsvSource({"0,1,0,1", "3,0,0,1", "3,1,-1,1", "3,1,0,0"})
  void impossibleValuesAreRefused(int size, int stride, int pad, int dilation) {
    assertThrows(ShapeException.class, () -> new Window(size, 3, stride, 1, pad, 0, dilation, 1));
    assertThrows(ShapeException.class, () -> new Window(3, size, 1, stride, 0, pad, 1, dilation));
  }

  @Test
  void poolingSeesAnInputUnderEachWindow() {
    assertThrows(ShapeException.class, () -> new MaxPool2d(Window.of(3).pad(2)));
    assertThrows(ShapeException.class, () -> new AvgPool2d(Window.of(3).dilation(2), true));
    assertEquals(Window.of(2).pad(1), new MaxPool2d(Window.of(2).pad(1)).window());
  }
}
