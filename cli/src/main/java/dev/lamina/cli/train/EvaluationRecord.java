package dev.lamina.cli.train;

import dev.lamina.cli.json.Json;
import dev.lamina.data.Dataset;
import dev.lamina.metric.Calibration;
import dev.lamina.metric.ConfusionMatrix;
import dev.lamina.metric.ConfusionMatrix.ClassScore;
import dev.lamina.metric.Predictions;
import dev.lamina.metric.Ranking;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The content of a run's {@code evaluation.json}: what its model does on the test data. */
final class EvaluationRecord {
  private static final int SCHEMA = 1;
  private static final int CONFUSED = 20;
  private static final int HARDEST = 24;
  private static final int FIRST = 10;
  private static final int PROBABILITIES = 10;
  private static final int BINS = 15;
  private static final int CURVE_POINTS = 400;

  /** More classes have no curves of their own: nobody could tell the lines apart. */
  private static final int MOST_CURVES = 20;

  private static final int POINTS_OF_EACH = 100;

  private EvaluationRecord() {}

  /**
   * Makes the record.
   *
   * @param epoch the model's age
   * @param accuracy as counted on the device
   * @param loss as summed on the device, more exact than from probabilities
   */
  static Map<String, Object> of(
      Dataset dataset, int epoch, double accuracy, double loss, Predictions predictions)
      throws IOException {
    ConfusionMatrix confusion = predictions.confusion();
    Calibration calibration = predictions.calibration(BINS);
    int classes = predictions.classes();
    return Json.object(
        "schema", SCHEMA,
        "dataset", dataset.name(),
        "split", "test",
        "epoch", epoch,
        "samples", predictions.size(),
        "accuracy", accuracy,
        "loss", loss,
        "top5_accuracy", classes > 5 ? predictions.topAccuracy(5) : null,
        "calibration_error", calibration.expectedError(),
        "macro", score(confusion.macro()),
        "weighted", score(confusion.weighted()),
        "classes", classes(dataset, predictions, confusion),
        "confusion", rows(confusion),
        "confused", confused(confusion),
        "calibration", bins(calibration),
        "roc", classes == 2 ? roc(predictions.ranking(1)) : null,
        "precision_recall", classes <= MOST_CURVES ? precisionRecall(predictions) : null,
        "hardest", samples(dataset, predictions, predictions.hardest(HARDEST)),
        "first",
            samples(
                dataset,
                predictions,
                IntStream.range(0, Math.min(FIRST, predictions.size())).boxed().toList()));
  }

  /** Returns the record as an answer for programs, which have the data. */
  static Map<String, Object> withoutPictures(Map<String, Object> record) {
    Map<String, Object> answer = new LinkedHashMap<>(record);
    for (String key : List.of("hardest", "first")) {
      List<Object> samples = new ArrayList<>();
      for (Object sample : (List<?>) record.get(key)) {
        Map<Object, Object> copy = new LinkedHashMap<>((Map<?, ?>) sample);
        copy.remove("picture");
        samples.add(copy);
      }
      answer.put(key, samples);
    }
    return answer;
  }

  private static Map<String, Object> score(ClassScore score) {
    return Json.object("precision", score.precision(), "recall", score.recall(), "f1", score.f1());
  }

  private static List<Object> classes(
      Dataset dataset, Predictions predictions, ConfusionMatrix confusion) {
    List<Object> classes = new ArrayList<>();
    for (int c = 0; c < confusion.classes(); c++) {
      ClassScore score = confusion.score(c);
      Ranking ranking = predictions.ranking(c);
      Map<String, Object> entry =
          Json.object(
              "name", dataset.spec().classNames().get(c),
              "support", score.support(),
              "predicted", score.predicted());
      entry.putAll(score(score));
      entry.put("auc", ranking.areaUnderRoc());
      entry.put("average_precision", ranking.averagePrecision());
      classes.add(entry);
    }
    return classes;
  }

  private static List<Object> rows(ConfusionMatrix confusion) {
    List<Object> rows = new ArrayList<>();
    for (int target = 0; target < confusion.classes(); target++) {
      List<Object> row = new ArrayList<>();
      for (int c = 0; c < confusion.classes(); c++) {
        row.add(confusion.count(target, c));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<Object> confused(ConfusionMatrix confusion) {
    List<Object> pairs = new ArrayList<>();
    for (ConfusionMatrix.Confusion pair : confusion.mostConfused(CONFUSED)) {
      pairs.add(
          Json.object(
              "target", pair.target(), "predicted", pair.predicted(), "count", pair.count()));
    }
    return pairs;
  }

  private static List<Object> bins(Calibration calibration) {
    List<Object> bins = new ArrayList<>();
    for (Calibration.Bin bin : calibration.bins()) {
      bins.add(
          Json.object(
              "samples",
              bin.samples(),
              "confidence",
              bin.confidence(),
              "accuracy",
              bin.accuracy()));
    }
    return bins;
  }

  /** The curve as {@code [fall-out, recall]}, thinned to what a picture can show. */
  private static List<Object> roc(Ranking ranking) {
    List<Object> points = new ArrayList<>(List.of(List.of(0.0, 0.0)));
    int count = ranking.points().size();
    int step = Math.max(1, count / CURVE_POINTS);
    for (int i = 0; i < count; i++) {
      if (i % step == 0 || i == count - 1) {
        Ranking.Point point = ranking.points().get(i);
        points.add(List.of(ranking.fallOut(point), ranking.recall(point)));
      }
    }
    return points;
  }

  /** For each class its curve as {@code [recall, precision]}; none where it has no samples. */
  private static List<Object> precisionRecall(Predictions predictions) {
    List<Object> curves = new ArrayList<>();
    for (int c = 0; c < predictions.classes(); c++) {
      Ranking ranking = predictions.ranking(c);
      List<Object> points = new ArrayList<>();
      double next = 0;
      for (Ranking.Point point : ranking.points()) {
        double recall = ranking.recall(point);
        if (recall >= next) {
          points.add(List.of(recall, ranking.precision(point)));
          next =
              Math.max(next, Math.floor(recall * POINTS_OF_EACH) / POINTS_OF_EACH)
                  + 1.0 / POINTS_OF_EACH;
        }
        if (recall == 1) {
          // From here on only negatives are added.
          if (!points.get(points.size() - 1).equals(List.of(recall, ranking.precision(point)))) {
            points.add(List.of(recall, ranking.precision(point)));
          }
          break;
        }
      }
      curves.add(points);
    }
    return curves;
  }

  private static List<Object> samples(
      Dataset dataset, Predictions predictions, List<Integer> indices) throws IOException {
    List<Object> samples = new ArrayList<>();
    for (int index : indices) {
      List<Object> probabilities =
          IntStream.range(0, predictions.classes())
              .boxed()
              .sorted(Comparator.comparingDouble((Integer c) -> -predictions.probability(index, c)))
              .limit(PROBABILITIES)
              .map(c -> (Object) List.of(c, predictions.probability(index, c)))
              .toList();
      samples.add(
          Json.object(
              "sample", index,
              "target", predictions.label(index),
              "predicted", predictions.predicted(index),
              "confidence", predictions.confidence(index),
              "loss", predictions.loss(index),
              "probabilities", probabilities,
              "picture", SamplePicture.png(dataset, index)));
    }
    return samples;
  }
}
