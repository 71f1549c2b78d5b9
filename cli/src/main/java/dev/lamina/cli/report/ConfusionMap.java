package dev.lamina.cli.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * The confusion matrix as a heat map: a table with counts, or a picture where there are too many
 * classes to read counts, with shares of the row below where there is room. Colours go by the share
 * of the row, its root, so that few are seen too.
 */
final class ConfusionMap {
  /** More are drawn as a picture. */
  private static final int MOST_CELLS = 30;

  /** More have counts on wide screens only. */
  private static final int MOST_ON_PHONES = 12;

  private static final int STEPS = 10;
  private static final int PICTURE_COLOUR = 0x2f7de1;

  private ConfusionMap() {}

  static void write(Html html, RunView run, String title) {
    List<?> rows = run.evaluation().list("confusion");
    html.open("figcaption").leaf("b", title);
    if (rows.size() <= MOST_ON_PHONES) {
      html.text(" ").leaf("span", "counts, and % of the target", "class", "note");
    }
    html.close();
    if (rows.size() > MOST_CELLS) {
      picture(html, rows);
    } else {
      table(html, run, rows);
    }
  }

  private static void table(Html html, RunView run, List<?> rows) {
    String size = rows.size() > MOST_ON_PHONES ? "map many" : "map";
    html.open("table", "class", size).open("thead").open("tr");
    html.open("td").leaf("span", "target \\ prediction", "class", "note").close();
    for (int c = 0; c < rows.size(); c++) {
      html.open("th", "scope", "col").leaf("span", run.className(c)).close();
    }
    html.close().close().open("tbody");
    for (int target = 0; target < rows.size(); target++) {
      long[] counts = counts(rows.get(target));
      html.open("tr").leaf("th", run.className(target), "scope", "row");
      for (int c = 0; c < counts.length; c++) {
        String title = run.className(target) + ", taken for " + run.className(c);
        String share = share(counts, c);
        html.open(
            "td",
            "class",
            "h" + (int) Math.ceil(STEPS * intensity(counts, c)),
            "title",
            title + ": " + counts[c] + (share.isEmpty() ? "" : ", " + share + " % of the target"));
        if (counts[c] > 0) {
          html.text(Long.toString(counts[c]));
          if (rows.size() <= MOST_ON_PHONES) {
            html.text(" ").leaf("small", share);
          }
        }
        html.close();
      }
      html.close();
    }
    html.close().close();
  }

  private static void picture(Html html, List<?> rows) {
    BufferedImage image = new BufferedImage(rows.size(), rows.size(), BufferedImage.TYPE_INT_ARGB);
    for (int target = 0; target < rows.size(); target++) {
      long[] counts = counts(rows.get(target));
      for (int c = 0; c < Math.min(counts.length, rows.size()); c++) {
        int alpha = (int) Math.round(255 * intensity(counts, c));
        image.setRGB(c, target, alpha << 24 | PICTURE_COLOUR);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageIO.write(image, "png", stream);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    String classes = "%,d".formatted(rows.size());
    html.empty(
        "img",
        "class",
        "map",
        "alt",
        "Confusion matrix of " + classes + " classes",
        "src",
        "data:image/png;base64," + Base64.getEncoder().encodeToString(out.toByteArray()));
    html.leaf("p", "A row for each target, a column for each prediction.", "class", "note");
  }

  private static String share(long[] counts, int column) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum == 0 ? "" : String.format(Locale.ROOT, "%.1f", 100.0 * counts[column] / sum);
  }

  private static double intensity(long[] counts, int column) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum == 0 ? 0 : Math.sqrt((double) counts[column] / sum);
  }

  private static long[] counts(Object row) {
    return row instanceof List<?> cells
        ? cells.stream()
            .mapToLong(cell -> cell instanceof Number number ? number.longValue() : 0)
            .toArray()
        : new long[0];
  }
}
