package dev.lamina.cli.console;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns, under bold headings. */
public final class Table {
  private final List<String> headings;
  private final boolean[] right;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Makes a table without rows.
   *
   * @param headings one per column; a leading {@code >} aligns the column to the right
   */
  public Table(String... headings) {
    this.headings = new ArrayList<>();
    this.right = new boolean[headings.length];
    for (int i = 0; i < headings.length; i++) {
      right[i] = headings[i].startsWith(">");
      this.headings.add(right[i] ? headings[i].substring(1) : headings[i]);
    }
  }

  /** Adds a row with a cell for every heading. */
  public void row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + headings.size() + " columns");
    }
    rows.add(List.of(cells));
  }

  /** Writes the table as part of the answer. */
  public void print(Console console) {
    int[] widths = new int[headings.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = headings.get(i).length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    console.result(console.bold(line(headings, widths)));
    rows.forEach(row -> console.result(line(row, widths)));
  }

  private String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String space = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : "  ")
          .append(right[i] ? space + cells.get(i) : cells.get(i) + space);
    }
    return line.toString().stripTrailing();
  }
}
