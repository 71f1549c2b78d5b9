package dev.lamina.testkit;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.GradientEmitter;
import dev.lamina.op.Op;
import dev.lamina.op.Operand;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds the table of {@code docs/ops.md}: each op with its operands and its gradient, and a column
 * for each device and precision that says how it runs there. A device's test holds its own column
 * from the ways that the device offers for the conformance suite's calls.
 *
 * <p>With {@code -Dlamina.docs=write} what is stale is written anew in place of failing; a column
 * is added by writing its title into the table's first line.
 */
public final class OpMatrix {
  private static final String OP = "op";
  private static final String OPERANDS = "operands";
  private static final String GRADIENT = "gradient";
  private static final String NONE = "–";

  private static final String COMMAND =
      "mvn -q -pl engine/testkit,engine/cpu,engine/opencl,engine/cuda -am test"
          + " '-Dtest=OpMatrixTest,*OpsTableTest,CpuConformanceTest#tableOfOps*'"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dlamina.docs=write";

  private final Path document;
  private final List<String> before = new ArrayList<>();
  private final List<String> after = new ArrayList<>();
  private final List<String> columns = new ArrayList<>();
  private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();

  private OpMatrix(Path document) {
    this.document = document;
    try {
      for (String line : Files.readAllLines(document)) {
        if (!line.startsWith("|")) {
          (columns.isEmpty() ? before : after).add(line);
        } else if (columns.isEmpty()) {
          columns.addAll(cells(line));
        } else if (!line.startsWith("|-")) {
          Map<String, String> row = new LinkedHashMap<>();
          List<String> cells = cells(line);
          for (int i = 0; i < cells.size(); i++) {
            row.put(columns.get(i), cells.get(i));
          }
          rows.put(cells.get(0), row);
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /**
   * Checks the column of one device in one precision.
   *
   * @param document the table's file
   * @param column title of the column
   * @param ways what the device offers for a call, or throws {@link UnsupportedOpException}
   * @param label short name of an implementation, for readers
   * @param forms tags of layouts that readers are told of
   * @throws AssertionError if the column is stale; the message has the command that mends it
   */
  public static void check(
      Path document,
      String column,
      Function<OpCall, List<Way>> ways,
      UnaryOperator<String> label,
      Set<String> forms) {
    Map<String, String> cells = new LinkedHashMap<>();
    OpCases.byOp()
        .forEach((type, cases) -> cells.put(title(type), cell(cases, ways, label, forms)));
    new OpMatrix(document).hold(column, cells);
  }

  /**
   * Checks that a column names whatever a machine offers, where what is offered is the machine's
   * and the table tells of another.
   *
   * @param document the table's file
   * @param column title of the column
   * @param ways what the device offers for a call, or throws {@link UnsupportedOpException}
   * @param label short name of an implementation, for readers
   * @throws AssertionError if the column lacks a name
   */
  public static void checkNames(
      Path document, String column, Function<OpCall, List<Way>> ways, UnaryOperator<String> label) {
    OpMatrix matrix = new OpMatrix(document);
    OpCases.byOp()
        .forEach(
            (type, cases) -> {
              String held =
                  matrix.rows.getOrDefault(title(type), Map.of()).getOrDefault(column, "");
              for (String name : cell(cases, ways, label, Set.of()).split(", ")) {
                if (!List.of(held.split(", ")).contains(name)) {
                  throw new AssertionError(
                      ("the column \"%s\" of %s has for %s \"%s\", and %s is offered; this writes"
                           + " it anew on a machine such as the table tells of, or made to be like"
                           + " it (docs/adding-an-op.md):%n  %s")
                          .formatted(column, document, title(type), held, name, COMMAND));
                }
              }
            });
  }

  /** Checks that the table has a row for each op, with its operands and its gradient. */
  static void checkRows(Path document) {
    OpMatrix matrix = new OpMatrix(document);
    Map<String, String> operands = new LinkedHashMap<>();
    Map<String, String> gradients = new LinkedHashMap<>();
    OpCases.byOp()
        .forEach(
            (type, cases) -> {
              operands.put(title(type), operands(cases));
              gradients.put(title(type), gradient(cases.get(0)));
            });
    matrix.hold(OPERANDS, operands);
    matrix.hold(GRADIENT, gradients);
  }

  /** Compares a column with what it should be, or writes it. */
  private void hold(String column, Map<String, String> expected) {
    if (!columns.contains(column)) {
      throw new AssertionError(
          "%s has no column \"%s\", only %s: write its title into the table's first line"
              .formatted(document, column, columns));
    }
    Map<String, String> held = new LinkedHashMap<>();
    rows.forEach((op, row) -> held.put(op, row.getOrDefault(column, "")));
    if (List.copyOf(held.entrySet()).equals(List.copyOf(expected.entrySet()))) {
      return;
    }
    if (!System.getProperty("lamina.docs", "").equals("write")) {
      throw new AssertionError(
          "the column \"%s\" of %s is stale; to write it anew:%n  %s%nexpected %s%nbut it has %s"
              .formatted(column, document, COMMAND, expected, held));
    }
    write(column, expected);
  }

  private void write(String column, Map<String, String> expected) {
    Map<String, Map<String, String>> kept = new LinkedHashMap<>(rows);
    rows.clear();
    expected.forEach(
        (op, cell) -> {
          Map<String, String> row = kept.getOrDefault(op, new LinkedHashMap<>());
          row.put(OP, op);
          row.put(column, cell);
          rows.put(op, row);
        });
    List<String> lines = new ArrayList<>(before);
    lines.add(line(columns));
    lines.add("|" + "---|".repeat(columns.size()));
    for (Map<String, String> row : rows.values()) {
      lines.add(line(columns.stream().map(title -> row.getOrDefault(title, "")).toList()));
    }
    lines.addAll(after);
    try {
      Files.write(document, lines);
    } catch (IOException unwritable) {
      throw new UncheckedIOException(unwritable);
    }
  }

  private static List<String> cells(String line) {
    String inner = line.substring(1, line.length() - 1);
    return Stream.of(inner.split("\\|", -1)).map(String::strip).toList();
  }

  private static String line(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String title(Class<? extends Op> type) {
    return "`" + type.getSimpleName() + "`";
  }

  private static String operands(List<OpCase> cases) {
    Set<String> seen = new LinkedHashSet<>();
    for (OpCase each : cases) {
      OpCall call = each.call(1);
      String results = call.outputs().isEmpty() ? "in place" : types(call.outputs());
      seen.add(types(call.inputs()) + " → " + results);
    }
    return String.join("; ", seen);
  }

  private static String types(Collection<TensorSpec> specs) {
    return specs.stream()
        .map(spec -> spec.type().toString())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Returns the ops that an op's gradient is made of. */
  private static String gradient(OpCase opCase) {
    SpecEmitter emitter = new SpecEmitter(opCase.call(1));
    try {
      opCase.op().gradient(emitter);
    } catch (UnsupportedOpException none) {
      return NONE;
    }
    return emitter.emitted.isEmpty() ? "passed on" : String.join(", ", emitter.emitted);
  }

  private static String cell(
      List<OpCase> cases,
      Function<OpCall, List<Way>> ways,
      UnaryOperator<String> label,
      Set<String> forms) {
    Set<String> names = new TreeSet<>();
    Set<String> known = new TreeSet<>();
    int refused = 0;
    for (OpCase each : cases) {
      try {
        for (Way way : ways.apply(each.call(1))) {
          names.add(label.apply(way.implementation()));
          Stream.of(way.inputs(), way.outputs())
              .flatMap(List::stream)
              .map(Layout::tag)
              .filter(forms::contains)
              .forEach(known::add);
        }
      } catch (UnsupportedOpException none) {
        refused++;
      }
    }
    if (names.isEmpty()) {
      return NONE;
    }
    String how = String.join(", ", names);
    if (!known.isEmpty()) {
      how += " (" + String.join(", ", known) + ")";
    }
    return refused == 0 ? how : how + ", not in all cases";
  }

  private record Spec(TensorSpec spec) implements Operand {}

  /** Notes what a gradient emits, and computes nothing. */
  private static final class SpecEmitter implements GradientEmitter {
    private final OpCall call;
    private final Set<String> emitted = new LinkedHashSet<>();

    SpecEmitter(OpCall call) {
      this.call = call;
    }

    @Override
    public Operand input(int position) {
      return new Spec(call.inputs().get(position));
    }

    @Override
    public int inputs() {
      return call.inputs().size();
    }

    @Override
    public Operand output(int position) {
      return new Spec(call.outputs().get(position));
    }

    @Override
    public Operand outputGradient(int position) {
      return new Spec(call.outputs().get(position));
    }

    @Override
    public boolean wants(int position) {
      return true;
    }

    @Override
    public Operand[] emit(String role, Op op, Operand... inputs) {
      emitted.add(title(op.getClass()));
      return op.infer(Stream.of(inputs).map(Operand::spec).toList()).stream()
          .map(Spec::new)
          .toArray(Operand[]::new);
    }

    @Override
    public void gradient(int position, Operand value) {}
  }
}
