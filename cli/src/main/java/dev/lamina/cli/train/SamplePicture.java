package dev.lamina.cli.train;

import dev.lamina.data.Dataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Samples as small pictures for people. */
final class SamplePicture {
  /** Larger samples are thinned out: a report holds dozens of pictures. */
  private static final int LARGEST_SIDE = 96;

  private SamplePicture() {}

  /** Returns a sample as PNG in Base64; empty where it has neither one nor three channels. */
  static String png(Dataset dataset, int index) throws IOException {
    SampleSpec spec = dataset.spec();
    if (spec.channels() != 1 && spec.channels() != 3) {
      return "";
    }
    ByteBuffer values = ByteBuffer.allocate(spec.bytes()).order(ByteOrder.nativeOrder());
    dataset.read(index, values);
    int side = Math.max(spec.height(), spec.width());
    int step = (side + LARGEST_SIDE - 1) / LARGEST_SIDE;
    int height = Math.max(1, spec.height() / step);
    int width = Math.max(1, spec.width() / step);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = spec.height() * spec.width();
    double[] range = range(spec, values);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          int channel = spec.channels() == 3 ? c : 0;
          int at = channel * plane + y * step * spec.width() + x * step;
          double share = (value(spec, values, at) - range[0]) / (range[1] - range[0]);
          rgb = rgb << 8 | (int) Math.round(255 * share);
        }
        image.setRGB(x, y, rgb);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", stream);
    }
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  /**
   * Float samples have no agreed range: their darkest value becomes black, their brightest white.
   */
  private static double[] range(SampleSpec spec, ByteBuffer values) {
    if (spec.type() == DataType.U8) {
      return new double[] {0, 255};
    }
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < spec.elements(); i++) {
      least = Math.min(least, value(spec, values, i));
      most = Math.max(most, value(spec, values, i));
    }
    return new double[] {least, most > least ? most : least + 1};
  }

  private static double value(SampleSpec spec, ByteBuffer values, int index) {
    return spec.type() == DataType.U8
        ? values.get(index) & 0xff
        : values.getFloat(index * Float.BYTES);
  }
}
