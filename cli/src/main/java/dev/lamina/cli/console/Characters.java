package dev.lamina.cli.console;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the caller's locale can and cannot say. Where it has no accents ({@code LANG=C}), output is
 * plain ASCII, and arguments that Java has lost letters of are refused.
 */
public final class Characters {
  /** What else says the same. */
  private static final Map<Character, String> PLAIN =
      Map.of('\u00b1', "+-", '\u00d7', "x", '\u2026', "...", '\u2013', "-", '\u00a0', " ");

  private Characters() {}

  /** Returns standard output, in the characters that its reader knows. */
  static PrintStream out() {
    return stream(new FileOutputStream(FileDescriptor.out), charset("stdout.encoding"));
  }

  /** Returns standard error, in the characters that its reader knows. */
  static PrintStream err() {
    return stream(new FileOutputStream(FileDescriptor.err), charset("stderr.encoding"));
  }

  /** Java 17 knows the second property on terminals only, later ones the first. */
  private static Charset charset(String property) {
    String name =
        System.getProperty(
            property,
            System.getProperty(
                "sun." + property, System.getProperty("native.encoding", "US-ASCII")));
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII;
  }

  /** Returns a stream that writes what its characters cannot say as well as they can. */
  static PrintStream stream(OutputStream out, Charset charset) {
    CharsetEncoder encoder = charset.newEncoder();
    return new PrintStream(new BufferedOutputStream(out), true, charset) {
      @Override
      public void print(String text) {
        super.print(plain(String.valueOf(text), encoder));
      }
    };
  }

  private static String plain(String text, CharsetEncoder encoder) {
    if (encoder.canEncode(text)) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              String letter = Character.toString(c);
              plain.append(
                  encoder.canEncode(letter) ? letter : PLAIN.getOrDefault(letter.charAt(0), "?"));
            });
    return plain.toString();
  }

  /**
   * Returns why the arguments of this process cannot be taken as they are, if they cannot: under a
   * locale without accents, Java has replaced them before it hands arguments on.
   */
  public static Optional<String> lostArguments() {
    String locale = System.getProperty("sun.jnu.encoding", "UTF-8");
    if (Charset.isSupported(locale) && Charset.forName(locale).equals(StandardCharsets.UTF_8)) {
      return Optional.empty();
    }
    try {
      for (byte letter : Files.readAllBytes(Path.of("/proc/self/cmdline"))) {
        if (letter < 0) {
          return Optional.of(
              "an argument has letters that the locale ("
                  + locale
                  + ") does not know; set LC_ALL=C.UTF-8 and call again");
        }
      }
    } catch (IOException notLinux) {
      // Elsewhere arguments do not pass through the locale.
    }
    return Optional.empty();
  }
}
