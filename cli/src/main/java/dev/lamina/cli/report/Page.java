package dev.lamina.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What all pages have around their content: head, style sheet, no reference to another file. */
final class Page {
  private static final String STYLE = "report.css";

  private Page() {}

  static String of(String title, Consumer<Html> content) {
    return of(title, 0, content);
  }

  /**
   * Returns a page.
   *
   * @param refreshSeconds how often a browser loads it again; 0 for never
   */
  static String of(String title, int refreshSeconds, Consumer<Html> content) {
    Html html = new Html();
    html.open("html", "lang", "en");
    html.open("head");
    html.empty("meta", "charset", "utf-8");
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    if (refreshSeconds > 0) {
      html.empty("meta", "http-equiv", "refresh", "content", Integer.toString(refreshSeconds));
    }
    html.leaf("title", title + " - Lamina");
    html.style(style());
    html.close();
    html.open("body").open("main");
    content.accept(html);
    html.close().close().close();
    return html.page();
  }

  private static String style() {
    try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
