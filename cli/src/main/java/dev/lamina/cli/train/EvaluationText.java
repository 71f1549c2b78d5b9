package dev.lamina.cli.train;

import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.Table;
import dev.lamina.data.Dataset;
import dev.lamina.metric.ConfusionMatrix;
import dev.lamina.metric.ConfusionMatrix.ClassScore;
import dev.lamina.metric.Predictions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Prints an evaluation for people: figures, scores of classes, confusion matrix. */
final class EvaluationText {
  private static final int WIDEST_MATRIX = 20;
  private static final int MOST_CLASSES = 40;
  private static final int PAIRS = 10;
  private static final int HARDEST = 10;
  private static final int BINS = 15;

  private final Console console;
  private final List<String> names;
  private final Predictions predictions;
  private final ConfusionMatrix confusion;

  EvaluationText(Console console, Dataset dataset, Predictions predictions) {
    this.console = console;
    this.names = dataset.spec().classNames();
    this.predictions = predictions;
    this.confusion = predictions.confusion();
  }

  void print() {
    String topFive =
        names.size() > 5
            ? "top-5 accuracy " + Quantities.percent(predictions.topAccuracy(5)) + ", "
            : "";
    console.result(
        topFive
            + "expected calibration error "
            + Quantities.percent(predictions.calibration(BINS).expectedError()));
    console.result("");
    printScores();
    console.result("");
    if (names.size() <= WIDEST_MATRIX) {
      printMatrix("target \\ prediction", EvaluationText::count);
      console.result("");
      printMatrix("in % of the target", EvaluationText::share);
    } else {
      printPairs();
    }
    console.result("");
    printHardest();
  }

  private void printScores() {
    Table table = new Table("class", ">support", ">precision", ">recall", ">F1", ">AUC");
    List<Integer> shown = IntStream.range(0, names.size()).boxed().toList();
    if (names.size() > MOST_CLASSES) {
      console.result(
          "the %d of %,d classes with the lowest F1:".formatted(MOST_CLASSES, names.size()));
      shown =
          shown.stream()
              .sorted(Comparator.comparingDouble((Integer c) -> confusion.score(c).f1()))
              .limit(MOST_CLASSES)
              .toList();
    }
    for (int c : shown) {
      row(table, label(c), confusion.score(c), figure(predictions.ranking(c).areaUnderRoc()));
    }
    row(table, "macro average", confusion.macro(), "");
    row(table, "weighted average", confusion.weighted(), "");
    table.print(console);
  }

  private static void row(Table table, String label, ClassScore score, String area) {
    table.row(
        label,
        Quantities.count(score.support()),
        figure(score.precision()),
        figure(score.recall()),
        figure(score.f1()),
        area);
  }

  private interface Cell {
    String of(ConfusionMatrix confusion, int target, int predicted);
  }

  private static String count(ConfusionMatrix confusion, int target, int predicted) {
    long count = confusion.count(target, predicted);
    return count == 0 ? "." : Long.toString(count);
  }

  private static String share(ConfusionMatrix confusion, int target, int predicted) {
    double share = confusion.share(target, predicted);
    return share > 0 ? String.format(Locale.ROOT, "%.1f", 100 * share) : ".";
  }

  private void printMatrix(String corner, Cell cell) {
    String[] headings = new String[names.size() + 1];
    headings[0] = corner;
    for (int c = 0; c < names.size(); c++) {
      headings[c + 1] = ">" + c;
    }
    Table table = new Table(headings);
    for (int target = 0; target < names.size(); target++) {
      String[] cells = new String[names.size() + 1];
      cells[0] = label(target);
      for (int c = 0; c < names.size(); c++) {
        cells[c + 1] = cell.of(confusion, target, c);
      }
      table.row(cells);
    }
    table.print(console);
  }

  private void printHardest() {
    Table table = new Table("hardest sample", "target", "taken for", ">confidence", ">loss");
    for (int sample : predictions.hardest(HARDEST)) {
      table.row(
          Integer.toString(sample),
          label(predictions.label(sample)),
          label(predictions.predicted(sample)),
          Quantities.percent(predictions.confidence(sample)),
          Quantities.loss(predictions.loss(sample)));
    }
    table.print(console);
  }

  private void printPairs() {
    Table table = new Table("target", "taken for", ">times");
    for (ConfusionMatrix.Confusion pair : confusion.mostConfused(PAIRS)) {
      table.row(label(pair.target()), label(pair.predicted()), Quantities.count(pair.count()));
    }
    table.print(console);
  }

  /** Columns of the matrix have numbers, so rows say which is which. */
  private String label(int ofClass) {
    String name = names.get(ofClass);
    String number = Integer.toString(ofClass);
    return name.equals(number) ? number : number + " " + name;
  }

  private static String figure(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "-";
  }
}
