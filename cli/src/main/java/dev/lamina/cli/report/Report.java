package dev.lamina.cli.report;

import dev.lamina.cli.run.RunDirectory;
import dev.lamina.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Makes a run's {@code report.html}, one file that needs no other. */
public final class Report {
  private static final String STYLE = "report.css";

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
    Html html = new Html();
    html.open("html", "lang", "en");
    html.open("head");
    html.empty("meta", "charset", "utf-8");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    String title =
        run.record().tree("configuration").text("model")
            + " on "
            + run.record().tree("configuration").text("dataset");
    html.leaf("title", title + " - Lamina");
    html.style(style());
    html.close();
    html.open("body").open("main");
    OverviewSection.write(html, run, title);
    CurvesSection.write(html, run);
    ClassesSection.write(html, run);
    SamplesSection.write(html, run);
    SurroundingsSection.write(html, run);
    html.close().close().close();
    return html.page();
  }

  private static String style() {
    try (InputStream in = Report.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
