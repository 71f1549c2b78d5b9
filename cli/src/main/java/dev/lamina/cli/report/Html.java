package dev.lamina.cli.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/** Writes elements, all text escaped and every element closed. */
final class Html {
  /** Behind these, a new line would show. */
  private static final Set<String> INLINE =
      Set.of("a", "b", "data", "i", "small", "span", "text", "title");

  private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes name, value, name, value, …
   */
  Html open(String element, String... attributes) {
    start(element, attributes);
    out.append('>');
    open.push(element);
    return this;
  }

  /** Writes an element without content, such as an image. */
  Html empty(String element, String... attributes) {
    start(element, attributes);
    out.append("/>");
    return this;
  }

  /** Writes an element that holds a text. */
  Html leaf(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close();
  }

  /** Writes a number that programs find by name, in the form for people. */
  Html figure(String name, double value, String shown) {
    return leaf(
        "data", shown, "value", Double.isFinite(value) ? Double.toString(value) : "", "id", name);
  }

  Html text(String text) {
    escape(text);
    return this;
  }

  /** Closes the element opened last. */
  Html close() {
    String element = open.pop();
    out.append("</").append(element).append('>');
    if (!INLINE.contains(element)) {
      out.append('\n');
    }
    return this;
  }

  /**
   * Writes a style sheet, whose text HTML does not unescape.
   *
   * @throws IllegalArgumentException if it has a character that HTML and XML read differently there
   */
  Html style(String sheet) {
    if (sheet.contains("<") || sheet.contains("&")) {
      throw new IllegalArgumentException("a style sheet has < or &");
    }
    open("style");
    out.append(sheet);
    return close();
  }

  /** Returns the page. */
  String page() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("left open: " + open);
    }
    return out.toString();
  }

  private void start(String element, String... attributes) {
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      out.append('"');
    }
  }

  private void escape(String text) {
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                // Control characters and halves of pairs are allowed in neither HTML nor XML.
                default ->
                    out.appendCodePoint(
                        c < ' ' && c != '\n' && c != '\t'
                                || c >= 0x7f && c < 0xa0
                                || c >= 0xd800 && c < 0xe000
                                || c >= 0xfffe && c <= 0xffff
                            ? 0xfffd
                            : c);
              }
            });
  }
}
