package dev.lamina.cpu;

import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.device.Layout;
import dev.lamina.op.Window;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient behind a max-pooling in short form: what each window's winner gets and where it is,
 * in place of an image that is mostly zero.
 *
 * <p>It is a private layout of the large gradient, made by the pooling's backward pass and read by
 * the convolutions' backward passes: first the windows' values as the pooled gradient lay, then the
 * positions as the forward pass left them, each from a cache line on.
 *
 * @param pixels how a pixel of the pooled gradient lies
 * @param window of the pooling
 * @param shape of the large gradient
 */
record Pooled(Pixels pixels, Window window, Shape shape) {
  /** Room for reading positions in runs. */
  private static final int SLACK = 64;

  private static final int MOST_POSITIONS = 128;

  /** Poolings that convolutions are ready for, since a backward pass does not see what fed it. */
  private static final List<Window> USUAL =
      List.of(Window.of(2).stride(2), Window.of(3).stride(2), Window.of(3).stride(3));

  /**
   * A form of images in which a pixel's channels lie together.
   *
   * @param tag of the layout
   * @param pitch floats of a pixel
   */
  record Pixels(String tag, int pitch) {
    /** The forms that images of so many channels may have. */
    static List<Pixels> of(long channels) {
      List<Pixels> forms = new ArrayList<>();
      forms.add(new Pixels("acdb", Math.toIntExact(channels)));
      if (channels > 1 && channels < 8) {
        forms.add(new Pixels("aBcd8b", 8));
      }
      return forms;
    }

    Layout layout(TensorSpec spec) {
      long[] dims = spec.shape().dims();
      return Forms.layout(spec, dims, MemoryDesc.of(tag, dims)).orElseThrow();
    }
  }

  /** The short forms that a gradient of this shape may have, whatever pooling it came through. */
  static List<Pooled> usual(Shape shape) {
    List<Pooled> usual = new ArrayList<>();
    for (Window window : USUAL) {
      usual.addAll(of(window, shape));
    }
    return usual;
  }

  /** The short forms for one pooling; none if it is not of the usual kind. */
  static List<Pooled> of(Window window, Shape shape) {
    List<Pooled> forms = new ArrayList<>();
    boolean fits =
        window.padHeight() == 0
            && window.padWidth() == 0
            && window.area() <= MOST_POSITIONS
            && window.height() <= shape.dim(2)
            && window.width() <= shape.dim(3);
    if (USUAL.contains(window) && fits) {
      Pixels.of(shape.dim(1)).forEach(pixels -> forms.add(new Pooled(pixels, window, shape)));
    }
    return forms;
  }

  TensorSpec values() {
    Shape pooled = window.slide("pooled", shape, shape.dim(1));
    return TensorSpec.f32(pooled.dims());
  }

  /** The layout of the pooled gradient. */
  Layout valueLayout() {
    return pixels.layout(values());
  }

  /** The layout of the winners' positions, as the pooling on oneDNN leaves them. */
  Layout positionLayout() {
    return PoolingWays.winners(pixels.tag(), positionBytes());
  }

  private long valueBytes() {
    return valueLayout().bytes();
  }

  private long positionBytes() {
    return valueBytes() / Float.BYTES;
  }

  long positionOffset() {
    return lines(valueBytes());
  }

  /** The layout of the large gradient in short form. */
  Layout layout() {
    String size = window.height() + "x" + window.width();
    String stride = window.strideHeight() + "x" + window.strideWidth();
    return new Layout(
        Layout.PRIVATE + "pooled-" + pixels.tag() + "-" + size + "s" + stride,
        positionOffset() + lines(positionBytes()) + SLACK);
  }

  private static long lines(long bytes) {
    return (bytes + SLACK - 1) / SLACK * SLACK;
  }
}
