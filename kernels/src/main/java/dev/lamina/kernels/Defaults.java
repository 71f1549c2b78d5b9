package dev.lamina.kernels;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the kernels' parameters are where nobody has tuned, as {@code tuning.json} beside them says.
 *
 * <p>The file has two parts. {@code parameters} tells of each parameter what it means and which
 * values are worth a trial. {@code devices} is a list of entries, each for a {@code kind} of
 * kernels, {@code panels} for CPU-type devices or {@code tiles} for GPUs, or for those devices of
 * that kind whose driver or own name has the text {@code of} in it; {@code measured} says where and
 * when its values were found, and {@code usual} gives them. Of all entries that fit a device the
 * last one that has a parameter counts, so that a kind comes before its vendors, and they before
 * their models. A parameter that no entry has follows from the shape of a call.
 */
public final class Defaults {
  private static final String FILE = "tuning.json";
  private static final Set<String> KINDS = Set.of("panels", "tiles");

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** The file of these classes; it was tested when they were built. */
  private static final Table STANDARD = standard();

  private record Entry(String kind, String of, Map<String, Integer> usual) {
    boolean fits(String otherKind, String device) {
      String name = device.toLowerCase(Locale.ROOT);
      return kind.equals(otherKind) && name.contains(of.toLowerCase(Locale.ROOT));
    }
  }

  /** A whole file. */
  record Table(Map<String, List<Integer>> trials, List<Entry> entries) {
    /** Returns what it says of a device. */
    Defaults of(boolean panels, String device) {
      Map<String, Integer> usual = new HashMap<>();
      for (Entry entry : entries) {
        if (entry.fits(panels ? "panels" : "tiles", device)) {
          usual.putAll(entry.usual);
        }
      }
      return new Defaults(trials, usual);
    }
  }

  private final Map<String, List<Integer>> trials;
  private final Map<String, Integer> usual;

  private Defaults(Map<String, List<Integer>> trials, Map<String, Integer> usual) {
    this.trials = trials;
    this.usual = Map.copyOf(usual);
  }

  /**
   * Returns the defaults for a device.
   *
   * @param panels whether it gets the kernels for CPU-type devices
   * @param device names of its driver and its own; empty for those of its kind
   */
  public static Defaults of(boolean panels, String device) {
    return STANDARD.of(panels, device);
  }

  /** Returns the names of all parameters. */
  public static Set<String> parameters() {
    return new TreeSet<>(STANDARD.trials.keySet());
  }

  /** Returns what a parameter is where nobody tuned. */
  int usual(String parameter) {
    Integer value = usual.get(parameter);
    if (value == null) {
      throw new IllegalStateException(
          FILE + " has no usual value of " + parameter + "; it must follow from the shape");
    }
    return value;
  }

  /** Returns the values of a parameter that are worth a trial. */
  List<Integer> trials(String parameter) {
    List<Integer> values = trials.get(parameter);
    if (values == null) {
      throw new IllegalStateException(FILE + " does not list the parameter " + parameter);
    }
    return values;
  }

  private static Table standard() {
    try (InputStream file = Defaults.class.getResourceAsStream(FILE)) {
      return read(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read the kernels' " + FILE, unreadable);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it is not JSON, or not as described; the message tells what and where
   */
  static Table read(InputStream file) throws IOException {
    Map<String, List<Integer>> trials = new TreeMap<>();
    List<Entry> entries = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(file)) {
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
      field(parser, "parameters");
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        trials.put(name, trialsOf(parser));
      }
      field(parser, "devices");
      expect(parser, parser.nextToken(), JsonToken.START_ARRAY);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        entries.add(entry(parser, trials));
      }
      expect(parser, parser.nextToken(), JsonToken.END_OBJECT);
      expect(parser, parser.nextToken(), null);
    }
    return new Table(trials, entries);
  }

  private static List<Integer> trialsOf(JsonParser parser) throws IOException {
    expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
    field(parser, "meaning");
    text(parser);
    field(parser, "trials");
    expect(parser, parser.nextToken(), JsonToken.START_ARRAY);
    List<Integer> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(number(parser));
    }
    if (values.size() < 2) {
      throw wrong(parser, "a parameter needs two values at least");
    }
    expect(parser, parser.nextToken(), JsonToken.END_OBJECT);
    return List.copyOf(values);
  }

  private static Entry entry(JsonParser parser, Map<String, List<Integer>> trials)
      throws IOException {
    expect(parser, parser.currentToken(), JsonToken.START_OBJECT);
    field(parser, "kind");
    String kind = text(parser);
    if (!KINDS.contains(kind)) {
      throw wrong(parser, "kind is " + kind + ", but may be one of " + new TreeSet<>(KINDS));
    }
    field(parser, "of");
    String of = text(parser);
    field(parser, "measured");
    text(parser);
    field(parser, "usual");
    expect(parser, parser.nextToken(), JsonToken.START_OBJECT);
    Map<String, Integer> usual = new HashMap<>();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      List<Integer> values = trials.get(name);
      if (values == null) {
        throw wrong(parser, name + " is none of the parameters");
      }
      parser.nextToken();
      int value = number(parser);
      if (!values.contains(value)) {
        throw wrong(parser, name + " is " + value + ", but may be one of " + values);
      }
      usual.put(name, value);
    }
    expect(parser, parser.nextToken(), JsonToken.END_OBJECT);
    return new Entry(kind, of, usual);
  }

  private static void field(JsonParser parser, String name) throws IOException {
    String found = parser.nextFieldName();
    if (!name.equals(found)) {
      throw wrong(parser, "there is " + (found == null ? "nothing" : found) + " for " + name);
    }
  }

  private static String text(JsonParser parser) throws IOException {
    expect(parser, parser.nextToken(), JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private static int number(JsonParser parser) throws IOException {
    expect(parser, parser.currentToken(), JsonToken.VALUE_NUMBER_INT);
    return parser.getIntValue();
  }

  private static void expect(JsonParser parser, JsonToken found, JsonToken wanted)
      throws IOException {
    if (found != wanted) {
      throw wrong(parser, "there is " + found + " for " + wanted);
    }
  }

  private static IOException wrong(JsonParser parser, String what) {
    int line = parser.currentLocation().getLineNr();
    return new IOException("tuning data, line " + line + ": " + what);
  }
}
