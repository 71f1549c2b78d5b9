package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Opens pages in Chromium, without a window, and says what a reader would see of them. */
final class Browser {
  /**
   * A page at a width.
   *
   * @param sideways pixels that stick out sideways
   * @param figures value by name
   * @param faint texts whose contrast is below WCAG's 4.5 to 1 (3 to 1 for large ones)
   * @param cut texts that reach out of the window
   * @param overlapping texts that lie on each other
   * @param background colour of the page
   */
  record Look(
      long sideways,
      Map<?, ?> figures,
      List<?> faint,
      List<?> cut,
      List<?> overlapping,
      String background) {}

  private static final String LOOK =
      """
      function rgba(text) {
        const parts = text.match(/[\\d.]+/g).map(Number);
        return parts.length < 4 ? [...parts, 1] : parts;
      }
      function over(front, back) {
        return [0, 1, 2].map(i => front[3] * front[i] + (1 - front[3]) * back[i]).concat(1);
      }
      function behind(element) {
        if (!element) return [255, 255, 255, 1];
        const own = rgba(getComputedStyle(element).backgroundColor);
        return own[3] === 1 ? own : over(own, behind(element.parentElement));
      }
      function luminance(colour) {
        return [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
          const s = colour[i] / 255;
          return sum + weight * (s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4));
        }, 0);
      }
      function contrast(one, other) {
        const both = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (both[1] + 0.05) / (both[0] + 0.05);
      }
      function look(page) {
        const root = page.documentElement;
        const texts = [];
        const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const node = walker.currentNode;
          const range = page.createRange();
          range.selectNodeContents(node);
          const boxes = [...range.getClientRects()].filter(box => box.width > 0);
          const size = parseFloat(getComputedStyle(node.parentElement).fontSize);
          if (node.data.trim() && boxes.length && size > 0 && node.parentElement.tagName !== 'title') {
            texts.push({text: node.data.trim().slice(0, 40), element: node.parentElement, boxes});
          }
        }
        const faint = [], cut = [], overlapping = [];
        for (const {text, element, boxes} of texts) {
          const style = getComputedStyle(element);
          const back = behind(element);
          const ink = over(rgba(element.tagName === 'text' ? style.fill : style.color), back);
          const size = parseFloat(style.fontSize);
          const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
          const ratio = contrast(ink, back);
          if (ratio < (large ? 3 : 4.5)) faint.push(text + ' ' + ratio.toFixed(2));
          if (boxes.some(box => box.left < -0.5 || box.right > root.clientWidth + 0.5)) cut.push(text);
        }
        const all = texts.flatMap(text => text.boxes.map(box => ({text, box})));
        all.sort((a, b) => a.box.top - b.box.top);
        for (let i = 0; i < all.length; i++) {
          for (let j = i + 1; j < all.length && all[j].box.top < all[i].box.bottom; j++) {
            const a = all[i].box, b = all[j].box;
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            // Lines of text may touch: boxes are higher than letters.
            if (all[i].text !== all[j].text && wide > 1 && high > 0.35 * Math.min(a.height, b.height))
              overlapping.push(all[i].text.text + ' | ' + all[j].text.text);
          }
        }
        return {
          sideways: root.scrollWidth - root.clientWidth,
          figures: Object.fromEntries([...page.querySelectorAll('data')].map(e => [e.id, e.value])),
          faint, cut, overlapping,
          background: getComputedStyle(page.body).backgroundColor
        };
      }
      let waiting = document.querySelectorAll('iframe').length;
      const looks = {};
      function loaded(frame) {
        looks[frame.id] = look(frame.contentDocument);
        if (--waiting === 0) {
          const answer = document.createElement('pre');
          answer.id = 'answer';
          answer.textContent = JSON.stringify(looks);
          document.body.append(answer);
        }
      }
      """;

  private final Path program;

  private Browser(Path program) {
    this.program = program;
  }

  static Optional<Browser> find() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(Path.of(folder)::resolve))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Browser::new);
  }

  /**
   * Looks at pages, each at some widths.
   *
   * @param folder for what the browser needs
   * @return what is seen, by page's name and width, for example {@code run 390}
   */
  Map<String, Look> look(Path folder, Map<String, Path> pages, boolean dark, int... widths)
      throws IOException, InterruptedException {
    StringBuilder frame = new StringBuilder("<!DOCTYPE html><meta charset='utf-8'><body><script>");
    // Frames come behind the script that they call, so their number is known only at the end.
    frame.append(
        LOOK.replaceFirst(
            "(?m)^let waiting.*$", "let waiting = " + pages.size() * widths.length + ";"));
    frame.append("</script>");
    pages.forEach(
        (name, page) -> {
          for (int width : widths) {
            frame.append(
                "<iframe id='%s %d' src='%s' width='%d' height='900' style='border:0' onload='loaded(this)'></iframe>"
                    .formatted(name, width, page.toUri(), width));
          }
        });
    Path file = folder.resolve(dark ? "dark.html" : "light.html");
    Files.writeString(file, frame);
    Map<String, Object> answer = Json.readObject(dom(folder, file, dark));
    Map<String, Look> looks = new java.util.LinkedHashMap<>();
    answer.forEach((key, value) -> looks.put(key, look((Map<?, ?>) value)));
    return looks;
  }

  private static Look look(Map<?, ?> tree) {
    return new Look(
        (Long) tree.get("sideways"),
        (Map<?, ?>) tree.get("figures"),
        (List<?>) tree.get("faint"),
        (List<?>) tree.get("cut"),
        (List<?>) tree.get("overlapping"),
        (String) tree.get("background"));
  }

  private String dom(Path folder, Path file, boolean dark)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
            "--user-data-dir=" + folder.resolve("profile"),
            "--dump-dom",
            file.toUri().toString()));
    File dom = folder.resolve("dom").toFile();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(3, TimeUnit.MINUTES), "the browser does not end");
    String shown = Files.readString(dom.toPath(), StandardCharsets.UTF_8);
    Matcher answer =
        Pattern.compile("<pre id=\"answer\">(.*?)</pre>", Pattern.DOTALL).matcher(shown);
    assertTrue(answer.find(), shown);
    return answer
        .group(1)
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u00a0")
        .replace("&amp;", "&");
  }
}
