package dev.lamina.cli.report;

import dev.lamina.cli.run.RunDirectory;
import dev.lamina.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes a run's {@code report.html}, one file that needs no other. */
public final class Report {
  private Report() {}

  /**
   * Writes, or replaces, the report of a run, whatever its folder lacks.
   *
   * @return the file
   */
  public static Path write(RunDirectory run) throws IOException {
    Path file = run.path().resolve("report.html");
    AtomicFile.write(file, page(RunView.read(run)).getBytes(StandardCharsets.UTF_8));
    return file;
  }

  static String page(RunView run) {
    Tree configuration = run.record().tree("configuration");
    String title = configuration.text("model") + " on " + configuration.text("dataset");
    return Page.of(
        title,
        html -> {
          OverviewSection.write(html, run, title);
          PublishedSection.write(html, PublishedSection.rows(run));
          CurvesSection.write(html, run);
          ClassesSection.write(html, run);
          SamplesSection.write(html, run);
          SurroundingsSection.write(html, run);
        });
  }
}
