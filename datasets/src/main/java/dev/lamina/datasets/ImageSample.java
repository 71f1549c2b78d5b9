package dev.lamina.datasets;

import dev.lamina.data.DataException;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.IoReason;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/**
 * Pictures of any size and colour as samples. The largest part with the sample's proportions, from
 * the middle, is scaled by the mean over each pixel's area; a picture of the sample's own size is
 * taken bit for bit. What is transparent becomes white.
 */
public final class ImageSample {
  private static final double[] LUMA = {0.299, 0.587, 0.114};

  private ImageSample() {}

  /**
   * Reads a picture.
   *
   * @return {@code [channels, height, width]} of the spec
   * @throws DataException if the file is missing, damaged or of an unknown format
   */
  public static byte[] read(Path file, SampleSpec spec) {
    return scale(planes(decode(file), spec.channels()), spec);
  }

  private static BufferedImage decode(Path file) {
    BufferedImage image;
    try {
      // By way of bytes: for a file that is not there, ImageIO says no more than that it cannot.
      byte[] bytes = Files.readAllBytes(file);
      image = ImageIO.read(new ByteArrayInputStream(bytes));
    } catch (IOException unreadable) {
      throw new DataException("cannot read " + file + ": " + IoReason.of(unreadable), unreadable);
    } catch (RuntimeException damaged) {
      // The decoders answer some damage with whatever goes wrong in them.
      throw new DataException("cannot read " + file + ": the picture is damaged", damaged);
    }
    if (image == null) {
      throw new DataException(
          file + " is no picture that can be read: give PNG, JPEG, GIF, BMP or TIFF");
    }
    return image;
  }

  /** A picture as planes of rows, 0 to 255. */
  private record Planes(double[][] values, int width, int height) {}

  private static Planes planes(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    double[][] planes = new double[channels][width * height];
    double[] rgb = new double[3];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        read(image, x, y, rgb);
        for (int c = 0; c < channels; c++) {
          planes[c][y * width + x] = channels == 3 ? rgb[c] : grey(rgb);
        }
      }
    }
    return new Planes(planes, width, height);
  }

  /** Exact where all are equal, which the weighted sum is not. */
  private static double grey(double[] rgb) {
    return rgb[0] == rgb[1] && rgb[1] == rgb[2]
        ? rgb[0]
        : LUMA[0] * rgb[0] + LUMA[1] * rgb[1] + LUMA[2] * rgb[2];
  }

  private static void read(BufferedImage image, int x, int y, double[] rgb) {
    Raster raster = image.getRaster();
    boolean grey = raster.getNumBands() <= 2 && !(image.getColorModel() instanceof IndexColorModel);
    double opaque = 1;
    if (grey) {
      // Java takes grey values for linear light and would brighten them on the way to RGB.
      double most = (1L << image.getColorModel().getComponentSize(0)) - 1;
      Arrays.fill(rgb, raster.getSampleDouble(x, y, 0) * 255 / most);
      if (raster.getNumBands() == 2) {
        opaque = raster.getSampleDouble(x, y, 1) / most;
      }
    } else {
      int argb = image.getRGB(x, y);
      opaque = (argb >>> 24) / 255.0;
      for (int c = 0; c < 3; c++) {
        rgb[c] = argb >> (16 - 8 * c) & 0xff;
      }
    }
    if (opaque < 1) {
      for (int c = 0; c < 3; c++) {
        rgb[c] = opaque * rgb[c] + (1 - opaque) * 255;
      }
    }
  }

  private static byte[] scale(Planes planes, SampleSpec spec) {
    double step =
        Math.min((double) planes.width() / spec.width(), (double) planes.height() / spec.height());
    double left = (planes.width() - step * spec.width()) / 2;
    double top = (planes.height() - step * spec.height()) / 2;
    byte[] sample = new byte[spec.elements()];
    int at = 0;
    for (double[] plane : planes.values()) {
      for (int y = 0; y < spec.height(); y++) {
        for (int x = 0; x < spec.width(); x++) {
          double mean = mean(plane, planes, left + x * step, top + y * step, step);
          sample[at++] = (byte) Math.max(0, Math.min(255, Math.round(mean)));
        }
      }
    }
    return sample;
  }

  /** Returns the mean over a square, pixels at its rim by the part that lies inside. */
  private static double mean(double[] plane, Planes planes, double left, double top, double side) {
    double sum = 0;
    double area = 0;
    int lastRow = Math.min(planes.height() - 1, (int) (top + side));
    int lastColumn = Math.min(planes.width() - 1, (int) (left + side));
    for (int row = Math.max(0, (int) top); row <= lastRow; row++) {
      double high = Math.min(row + 1, top + side) - Math.max(row, top);
      for (int column = Math.max(0, (int) left); column <= lastColumn; column++) {
        double wide = Math.min(column + 1, left + side) - Math.max(column, left);
        double part = Math.max(0, high) * Math.max(0, wide);
        sum += part * plane[row * planes.width() + column];
        area += part;
      }
    }
    return sum / area;
  }
}
