package dev.lamina.cli.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.report.Report;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.metric.Predictions;
import dev.lamina.tensor.DataType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationRecordTest {
  @TempDir Path folder;

  @Test
  void bearsAThousandClasses() throws Exception {
    int classes = 1000;
    SampleSpec spec = SampleSpec.of(DataType.U8, 1, 2, 2, classes);
    int[] labels = new int[classes];
    Predictions predictions = new Predictions(classes, classes);
    for (int i = 0; i < classes; i++) {
      labels[i] = i;
      float[] row = new float[classes];
      // Every third one is taken for the next.
      row[i] = i % 3 == 0 ? 0.25f : 0.75f;
      row[(i + 1) % classes] = 1 - row[i];
      predictions.add(i, row);
    }
    InMemoryDataset dataset =
        InMemoryDataset.ofPixels(
            "many", spec, Normalization.identity(1), new byte[4 * classes], labels);
    Map<String, Object> record = EvaluationRecord.of(dataset, 1, 0.666, 1, predictions);
    assertEquals(classes, ((List<?>) record.get("classes")).size());
    assertNull(record.get("precision_recall"), "nobody could tell the lines apart");
    RunDirectory run = RunDirectory.createAt(folder.resolve("run"));
    run.writeRecord(Map.of("schema", 1));
    run.writeEvaluation(record);
    String page = Files.readString(Report.write(run));
    assertTrue(page.contains("Confusion matrix of 1,000 classes"), "drawn as a picture");
    assertTrue(page.contains("the 40 of 1,000 with the lowest F1"));
    assertTrue(page.length() < 500_000, page.length() + " characters");
  }
}
