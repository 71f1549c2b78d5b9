package dev.lamina.bench.peers;

import static dev.lamina.bench.peers.Reports.measured;
import static dev.lamina.bench.peers.Reports.window;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void takesBestAndMedianOverTheWindowsOfAllRuns() {
    Summary summary =
        Summary.of(
                List.of(
                    measured("a", 300, window(100, 1), window(300, 1)),
                    measured("a", 200, window(200, 1), window(800, 2))))
            .get(0);
    assertEquals(400, summary.bestImagesPerSecond());
    assertEquals(250, summary.medianImagesPerSecond());
    assertEquals(200, summary.lowestPeakBytes());
    assertEquals(250, summary.medianPeakBytes());
    assertNull(summary.updateShare());
    assertEquals(400, summary.bestWithoutUpdate());
  }

  @Test
  void takesUpdatesOffTheTimeOfTheirOwnWindow() {
    Window slow = new Window(1, 100, 1.0, 0.5, 0);
    Window fast = new Window(1, 150, 1.0, 0.1, 0.05);
    Summary summary = Summary.of(List.of(measured("a", 1, slow, fast))).get(0);
    assertEquals(150, summary.bestImagesPerSecond());
    assertEquals(200, summary.bestWithoutUpdate());
    assertEquals(0.3, summary.updateShare(), 1e-12);
  }

  @Test
  void disturbedWindowsDoNotCount() {
    Window disturbed = new Window(1, 10, 1.0, null, 0.3);
    Summary summary =
        Summary.of(List.of(measured("a", 1, window(100, 1), disturbed, disturbed))).get(0);
    assertEquals(100, summary.medianImagesPerSecond());
    assertEquals(1, summary.undisturbedWindows());
    assertEquals(3, summary.windows());
  }

  @Test
  void ifAllAreDisturbedAllCount() {
    Window slow = new Window(1, 10, 1.0, null, 0.3);
    Window slower = new Window(1, 6, 1.0, null, 0.4);
    Summary summary = Summary.of(List.of(measured("a", 1, slow, slower))).get(0);
    assertEquals(8, summary.medianImagesPerSecond());
    assertEquals(0, summary.undisturbedWindows());
  }

  @Test
  void keepsVariantsApartInTheirFirstOrder() {
    List<Summary> summaries =
        Summary.of(
            List.of(
                measured("b", 1, window(1, 1)),
                measured("a", 1, window(2, 1)),
                measured("b", 1, window(3, 1))));
    assertEquals(List.of("b", "a"), summaries.stream().map(Summary::variant).toList());
    assertEquals(2, summaries.get(0).medianImagesPerSecond());
  }

  @Test
  void medianOfOddAndEvenCounts() {
    assertEquals(2, Summary.median(1, 2, 9));
    assertEquals(3, Summary.median(1, 2, 4, 9));
  }
}
