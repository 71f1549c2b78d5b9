package dev.lamina.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds that the experiments in docs can be run as they stand, in full and in short. */
class PublishedExperimentsTest {
  private static final Path FOLDER =
      Path.of("").toAbsolutePath().resolveSibling("docs/experiments");

  private static Path folders;

  static List<Path> files() throws IOException {
    try (Stream<Path> content = Files.list(FOLDER)) {
      return content.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  /** Folders of pictures that some learn from, with the classes that the files' comments cut. */
  @BeforeAll
  static void makeFolders(@TempDir Path made) throws IOException {
    folders = made;
    for (String name :
        List.of(
            "automobile/train/automobile",
            "automobile/train/not-automobile",
            "cat-ship-truck/train/cat",
            "cat-ship-truck/train/ship",
            "cat-ship-truck/train/truck")) {
      Path pictures = Files.createDirectories(made.resolve(name));
      BufferedImage black = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      ImageIO.write(black, "png", pictures.resolve("0.png").toFile());
    }
  }

  private static Grid grid(Path file, boolean shortForm) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Invocation invocation = new Invocation(nowhere, nowhere, false, false, Map.of(), folders);
    return Grid.of(
        ExperimentFile.read(file, file.getFileName().toString()),
        new Grid.Wanted(shortForm, Optional.empty(), Map.of()),
        invocation,
        new Console(invocation, Console.Verbosity.QUIET, false));
  }

  @ParameterizedTest
  @MethodSource("files")
  void canBeRun(Path file) {
    Grid whole = grid(file, false);
    Grid shorter = grid(file, true);
    assertFalse(whole.experiment().about().isEmpty(), "says what it shows");
    assertEquals(whole.cells().size(), shorter.cells().size());
    for (PlannedRun run : shorter.runs()) {
      assertTrue(run.configuration().find(TrainSettings.TRAIN_LIMIT).isPresent(), "is short");
    }
  }

  @Test
  void classesOfUnevenSizeHaveFiguresOfTheirOwn() {
    Map<String, Double> small =
        grid(FOLDER.resolve("automobile.yaml"), false).cells().get(0).published();
    assertEquals(
        Set.of(
            "test_accuracy",
            "class_precision/not-automobile",
            "class_recall/automobile",
            "class_auc/automobile"),
        small.keySet());
    assertEquals(0.832, small.get("class_recall/automobile"));
    List<Cell> networks = grid(FOLDER.resolve("three-classes.yaml"), false).cells();
    assertEquals(7, networks.size());
    double best =
        networks.stream()
            .mapToDouble(cell -> cell.published().get("test_accuracy"))
            .max()
            .orElse(0);
    assertEquals(0.96, best);
  }

  @Test
  void holdWhatWasPublished() {
    Map<String, Double> rows = new TreeMap<>();
    for (Cell cell : grid(FOLDER.resolve("lenet5.yaml"), false).cells()) {
      if (!cell.published().isEmpty()) {
        rows.put(cell.values().get("run"), cell.published().get("test_accuracy"));
      }
    }
    assertEquals(6, rows.size());
    assertEquals(0.9911, rows.get("MNIST, SGD 0.01"));
    assertEquals(0.6388, rows.get("CIFAR-10, Adam 0.001, L2"));
    for (Cell cell : grid(FOLDER.resolve("cifar-10.yaml"), false).cells()) {
      List<Double> recalls = new ArrayList<>(cell.published().values());
      double accuracy = recalls.remove(0);
      // Classes are of equal size, so the mean of their accuracies is the accuracy.
      if (!recalls.isEmpty()) {
        double mean = recalls.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        assertEquals(10, recalls.size());
        assertEquals(accuracy, mean, 0.01);
      }
    }
  }
}
