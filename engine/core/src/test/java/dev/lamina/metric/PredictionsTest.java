package dev.lamina.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.metric.ConfusionMatrix.ClassScore;
import dev.lamina.metric.ConfusionMatrix.Confusion;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  private static final double EXACT = 1e-12;

  /** Three classes: 0 twice right, once taken for 1; 1 right once; 2 taken for 0 once. */
  private static Predictions five() {
    Predictions predictions = new Predictions(3, 2);
    predictions.add(0, 0.5f, 0.25f, 0.25f);
    predictions.add(0, 0.75f, 0.25f, 0);
    predictions.add(0, 0.25f, 0.5f, 0.25f);
    predictions.add(1, 0, 1, 0);
    predictions.add(2, 0.5f, 0.375f, 0.125f);
    return predictions;
  }

  @Test
  void countsRightAnswersAndTheirLoss() {
    Predictions predictions = five();
    assertEquals(5, predictions.size());
    assertEquals(3.0 / 5, predictions.accuracy());
    assertEquals(4.0 / 5, predictions.topAccuracy(2));
    assertEquals(1, predictions.topAccuracy(3));
    double loss = (Math.log(2) - Math.log(0.75) + Math.log(4) + 0 + Math.log(8)) / 5;
    assertEquals(loss, predictions.loss(), EXACT);
    assertEquals(List.of(4, 2, 0), predictions.hardest(3));
    assertEquals(1, predictions.predicted(2));
    assertEquals(0.5f, predictions.confidence(2));
  }

  @Test
  void takesTheFirstOfEquallyProbableClasses() {
    Predictions predictions = new Predictions(3, 2);
    predictions.add(1, 0.25f, 0.375f, 0.375f);
    predictions.add(2, 0.25f, 0.375f, 0.375f);
    assertEquals(1, predictions.predicted(1));
    assertEquals(0.5, predictions.accuracy());
    assertEquals(1, predictions.topAccuracy(2));
  }

  @Test
  void scoresClasses() {
    ConfusionMatrix matrix = five().confusion();
    assertEquals(2, matrix.count(0, 0));
    assertEquals(1, matrix.count(0, 1));
    assertEquals(1.0 / 3, matrix.share(0, 1));
    assertEquals(new ClassScore(3, 3, 2.0 / 3, 2.0 / 3, 2.0 / 3), matrix.score(0));
    assertEquals(new ClassScore(1, 2, 0.5, 1, 2.0 / 3), matrix.score(1));
    // Nothing was taken for class 2, so it was found with no precision rather than with none known.
    assertEquals(new ClassScore(1, 0, 0, 0, 0), matrix.score(2));
    ClassScore macro = matrix.macro();
    assertEquals((2.0 / 3 + 0.5 + 0) / 3, macro.precision(), EXACT);
    assertEquals((2.0 / 3 + 1 + 0) / 3, macro.recall(), EXACT);
    assertEquals((2.0 / 3 + 2.0 / 3 + 0) / 3, macro.f1(), EXACT);
    ClassScore weighted = matrix.weighted();
    assertEquals((3 * 2.0 / 3 + 0.5) / 5, weighted.precision(), EXACT);
    assertEquals(3.0 / 5, weighted.recall(), EXACT, "which is the accuracy");
    assertEquals((3 * 2.0 / 3 + 2.0 / 3) / 5, weighted.f1(), EXACT);
    assertEquals(List.of(new Confusion(0, 1, 1), new Confusion(2, 0, 1)), matrix.mostConfused(5));
    assertEquals(List.of(new Confusion(0, 1, 1)), matrix.mostConfused(1));
  }

  @Test
  void knowsNothingOfAClassWithoutSamples() {
    Predictions predictions = new Predictions(4, 0);
    predictions.add(0, 1, 0, 0, 0);
    predictions.add(0, 0, 1, 0, 0);
    ConfusionMatrix matrix = predictions.confusion();
    assertEquals(new ClassScore(0, 1, 0, Double.NaN, 0), matrix.score(1));
    ClassScore unknown = new ClassScore(0, 0, Double.NaN, Double.NaN, Double.NaN);
    assertEquals(unknown, matrix.score(3));
    assertEquals(Double.NaN, matrix.share(3, 0));
    assertEquals(0.5, matrix.macro().recall(), "of the one class that has samples");
    assertEquals(Double.NaN, predictions.ranking(3).areaUnderRoc());
    assertEquals(Double.NaN, predictions.ranking(3).averagePrecision());
    assertEquals(Double.NaN, predictions.ranking(0).areaUnderRoc(), "there is no negative");
    assertEquals(Double.NaN, new Predictions(2, 0).accuracy());
    assertEquals(Double.NaN, new Predictions(2, 0).calibration(5).expectedError());
  }

  @Test
  void ranksWithTies() {
    float[] scores = {0.9f, 0.8f, 0.8f, 0.8f, 0.3f, 0.1f};
    boolean[] positive = {true, true, false, false, true, false};
    Ranking ranking = Ranking.of(scores, positive);
    // 0.9 beats all three negatives; 0.8 beats one and ties two; 0.3 beats one.
    assertEquals((3 + 1 + 2 * 0.5 + 1) / 9, ranking.areaUnderRoc(), EXACT);
    double averagePrecision = 1.0 / 3 * 1 + 1.0 / 3 * (2.0 / 4) + 1.0 / 3 * (3.0 / 5);
    assertEquals(averagePrecision, ranking.averagePrecision(), EXACT);
    assertEquals(4, ranking.points().size());
    assertEquals(new Ranking.Point(0.8f, 2, 2), ranking.points().get(1));
    assertEquals(2.0 / 3, ranking.recall(ranking.points().get(1)));
    assertEquals(2.0 / 3, ranking.fallOut(ranking.points().get(1)));
  }

  @Test
  void equalsThePairsCountedOneByOne() {
    Random random = new Random(7);
    for (int round = 0; round < 40; round++) {
      int count = 2 + random.nextInt(120);
      int levels = 1 + random.nextInt(30);
      float[] scores = new float[count];
      boolean[] positive = new boolean[count];
      for (int i = 0; i < count; i++) {
        scores[i] = (random.nextInt(levels) - 10) / 32f;
        positive[i] = i == 0 || i > 1 && random.nextInt(3) == 0;
      }
      double won = 0;
      long pairs = 0;
      double precisions = 0;
      long found = 0;
      for (int i = 0; i < count; i++) {
        if (!positive[i]) {
          continue;
        }
        found++;
        int taken = 0;
        int right = 0;
        for (int j = 0; j < count; j++) {
          if (!positive[j]) {
            pairs++;
            won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
          }
          if (scores[j] >= scores[i]) {
            taken++;
            right += positive[j] ? 1 : 0;
          }
        }
        precisions += (double) right / taken;
      }
      Ranking ranking = Ranking.of(scores, positive);
      assertEquals(won / pairs, ranking.areaUnderRoc(), "round " + round);
      assertEquals(precisions / found, ranking.averagePrecision(), EXACT, "round " + round);
    }
  }

  @Test
  void weighsTheDistanceOfConfidenceFromAccuracy() {
    Predictions predictions = new Predictions(2, 4);
    predictions.add(0, 0.75f, 0.25f);
    predictions.add(1, 0.625f, 0.375f);
    predictions.add(0, 0.875f, 0.125f);
    predictions.add(0, 1, 0);
    Calibration calibration = predictions.calibration(4);
    assertEquals(0, calibration.bins().get(0).samples());
    // The bound 0.75 belongs to the bin below it.
    assertEquals(new Calibration.Bin(2, 0.6875, 0.5), calibration.bins().get(2));
    assertEquals(new Calibration.Bin(2, 0.9375, 1), calibration.bins().get(3));
    assertEquals(0.5 * 0.1875 + 0.5 * 0.0625, calibration.expectedError(), EXACT);
  }

  @Test
  void refusesWhatIsNoProbability() {
    Predictions predictions = new Predictions(2, 1);
    for (float wrong : new float[] {Float.NaN, -0.1f, 1.5f, Float.POSITIVE_INFINITY}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> predictions.add(0, 0.5f, wrong))
              .getMessage();
      assertTrue(message.endsWith("is no probability"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> predictions.add(2, 0.5f, 0.5f));
    assertThrows(IllegalArgumentException.class, () -> predictions.add(0, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> predictions.label(0));
  }
}
