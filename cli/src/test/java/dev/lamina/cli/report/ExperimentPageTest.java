package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ExperimentPageTest {
  private static String page(String status, String title, boolean numeric, String... values) {
    List<Object> cells = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      cells.add(
          Json.object(
              "values",
              Map.of("lr", values[i]),
              "runs",
              2,
              "finished",
              2,
              "best",
              i == 0,
              "figures",
              Map.of("test_accuracy", Map.of("mean", 0.9 - 0.1 * i, "deviation", 0.05))));
    }
    Map<String, Object> record =
        Json.object(
            "title",
            title,
            "status",
            status,
            "runs_planned",
            2 * values.length,
            "runs_ended",
            values.length,
            "seconds_left",
            75.0,
            "now",
            status.equals("running") ? "lr 0.1, seed 2" : "",
            "axes",
            List.of(Json.object("name", "lr", "numeric", numeric, "values", List.of(values))),
            "cells",
            cells,
            "command",
            "lamina experiment x.yaml");
    return ExperimentPage.of(record);
  }

  @Test
  void loadsItselfAgainWhileRunsAreUnderWay() {
    String running = page("running", "Rates", true, "0.1", "0.2");
    assertTrue(running.contains("<meta http-equiv=\"refresh\" content=\"5\"/>"));
    assertTrue(running.contains("2 of 4 runs have ended, about 1:15 left. Now: lr 0.1, seed 2."));
    for (String status : List.of("finished", "interrupted", "failed")) {
      assertFalse(page(status, "Rates", true, "0.1", "0.2").contains("http-equiv"));
    }
  }

  @Test
  void drawsErrorBarsAroundMeans() {
    String page = page("finished", "Rates", true, "0.1", "0.2");
    Matcher bars =
        Pattern.compile("<path class=\"whisker s1\" d=\"M\\S+ (\\S+)V([\\d.]+)M").matcher(page);
    List<Double> lengths = new ArrayList<>();
    List<Double> middles = new ArrayList<>();
    while (bars.find()) {
      double low = Double.parseDouble(bars.group(1));
      double high = Double.parseDouble(bars.group(2));
      lengths.add(low - high);
      middles.add((low + high) / 2);
    }
    assertEquals(2, lengths.size());
    // One deviation up and down: together as long as the means are apart.
    assertEquals(lengths.get(0), middles.get(1) - middles.get(0), 0.2);
  }

  @Test
  void spreadsDecadesEvenly() {
    String page = page("finished", "Rates", true, "0.1", "0.01", "0.001");
    Matcher ticks = Pattern.compile("<text x=\"([\\d.]+)\" y=\"189\"").matcher(page);
    List<Double> places = new ArrayList<>();
    while (ticks.find()) {
      places.add(Double.parseDouble(ticks.group(1)));
    }
    assertEquals(3, places.size(), page);
    assertEquals(places.get(0) - places.get(1), places.get(1) - places.get(2), 0.2);
  }

  @Test
  void drawsRowsForThingsWithoutOrder() {
    String page = page("finished", "Kinds", false, "one", "<two>");
    assertEquals(2, page.split("class=\"mean train\"", -1).length - 1);
    assertTrue(page.contains("&lt;two&gt;"), page);
  }

  @Test
  void escapesTitles() {
    String page = page("finished", "<script>1</script>", true, "0.1");
    assertFalse(page.contains("<script>"), page);
    assertTrue(page.contains("<h1>&lt;script&gt;1&lt;/script&gt;</h1>"), page);
  }
}
