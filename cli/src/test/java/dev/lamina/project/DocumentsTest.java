package dev.lamina.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the documents name is there: a guide to what was renamed leads nowhere. */
class DocumentsTest {
  private static final Pattern TYPE =
      Pattern.compile("\\b(?:class|record|interface|enum)\\s+([A-Z]\\w*)");
  private static final Pattern QUOTED = Pattern.compile("`([^`\n]+)`");

  /** Two words at least: one alone may be anything. */
  private static final Pattern CLASS = Pattern.compile("@?((?:[A-Z][a-z0-9]+){2,})(?:[.#(<].*)?");

  /** What a reader puts his own name in. */
  private static final Pattern EXAMPLE = Pattern.compile("\\bMy[A-Z]|NAME");

  private static final Pattern PATH =
      Pattern.compile("(?:engine|kernels|models|datasets|cli|bench|docs)/[\\w./-]+");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]+)\\)");

  /** Folders that tools make. */
  private static final Set<String> MADE = Set.of("target", ".git", "node_modules", "runs");

  private static Path root;
  private static Set<String> types;

  @BeforeAll
  static void readSources() throws IOException {
    root = ProjectModel.root();
    types =
        files(".java")
            .flatMap(file -> TYPE.matcher(read(file)).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<Path> files(String suffix) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files =
          all.filter(file -> file.toString().endsWith(suffix))
              .filter(file -> !isMade(root.relativize(file)))
              .toList();
    }
    return files.stream();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Decisions and the change log tell of their day, all other documents of today. */
  private static Stream<Path> ofToday() throws IOException {
    return files(".md")
        .filter(file -> !file.endsWith("CHANGELOG.md"))
        .filter(file -> !file.getParent().endsWith("docs/decisions"));
  }

  private static Stream<String> quoted(Path document) {
    return QUOTED
        .matcher(read(document))
        .results()
        .map(quoted -> quoted.group(1))
        .filter(text -> !EXAMPLE.matcher(text).find());
  }

  private static boolean isJava(String name) {
    for (String known : List.of("java.lang.", "java.util.", "java.nio.")) {
      try {
        Class.forName(known + name);
        return true;
      } catch (ClassNotFoundException elsewhere) {
        continue;
      }
    }
    return false;
  }

  private static boolean isMade(Path path) {
    for (Path part : path) {
      if (MADE.contains(part.toString())) {
        return true;
      }
    }
    return false;
  }

  @Test
  void classesExist() throws IOException {
    Set<String> unknown = new TreeSet<>();
    ofToday()
        .forEach(
            file ->
                quoted(file)
                    .map(CLASS::matcher)
                    .filter(Matcher::matches)
                    .map(match -> match.group(1))
                    .filter(name -> !types.contains(name) && !isJava(name))
                    .forEach(name -> unknown.add(root.relativize(file) + ": " + name)));
    assertEquals(Set.of(), unknown);
  }

  @Test
  void pathsExist() throws IOException {
    Set<String> unknown = new TreeSet<>();
    ofToday()
        .forEach(
            file ->
                quoted(file)
                    .filter(path -> PATH.matcher(path).matches() && !isMade(Path.of(path)))
                    .filter(path -> Files.notExists(root.resolve(path)))
                    .forEach(path -> unknown.add(root.relativize(file) + ": " + path)));
    assertEquals(Set.of(), unknown);
  }

  @Test
  void decisionsHaveNumbersOfTheirOwn() throws IOException {
    Set<String> numbers = new TreeSet<>();
    files(".md")
        .filter(file -> file.getParent().endsWith("docs/decisions"))
        .map(file -> file.getFileName().toString().substring(0, 4))
        .forEach(number -> assertTrue(numbers.add(number), number));
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    Set<String> unknown = new TreeSet<>();
    files(".md")
        .forEach(
            file ->
                LINK.matcher(read(file))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> Files.notExists(file.resolveSibling(link)))
                    .forEach(link -> unknown.add(root.relativize(file) + ": " + link)));
    assertEquals(Set.of(), unknown);
  }
}
