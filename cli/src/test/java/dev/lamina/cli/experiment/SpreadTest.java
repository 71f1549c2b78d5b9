package dev.lamina.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void isMeanAndSampleDeviation() {
    Spread spread = Spread.of(List.of(2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0));
    assertEquals(5, spread.mean(), 1e-12);
    assertEquals(Math.sqrt(32.0 / 7), spread.deviation(), 1e-12);
  }

  @Test
  void hasNoDeviationOfOneAndNothingOfNone() {
    assertEquals(new Spread(1, 3, Double.NaN), Spread.of(List.of(3.0)));
    assertEquals(new Spread(0, Double.NaN, Double.NaN), Spread.of(List.of()));
  }
}
