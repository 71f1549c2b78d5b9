package dev.lamina.cli;

import dev.lamina.cli.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trains a small network on a small data set, inside the test's process, in a folder of its own.
 */
abstract class TinyTraining {
  @TempDir Path folder;
  Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = TinyMnist.write(folder.resolve("data"));
  }

  Cli.Outcome train(String more) {
    return new Cli().in(folder).run(arguments(more));
  }

  String[] arguments(String more) {
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --lr 0.05 --data-dir ";
    List<String> arguments = new ArrayList<>(List.of((line + data).split(" ")));
    arguments.addAll(List.of(more.split(" ")));
    return arguments.toArray(String[]::new);
  }

  static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> content = Files.list(path)) {
      return content.findAny().isEmpty();
    }
  }

  byte[] checkpoint(String run) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve("checkpoints/last.safetensors"));
  }

  List<Map<String, Object>> timeless(String run) throws IOException {
    List<Map<String, Object>> metrics = metrics(folder.resolve(run));
    metrics.forEach(
        line -> line.keySet().removeAll(List.of("samples_per_second", "input_wait_fraction")));
    return metrics;
  }

  static List<Map<String, Object>> metrics(Path run) throws IOException {
    List<Map<String, Object>> metrics = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      metrics.add(Json.readObject(line));
    }
    return metrics;
  }

  static Map<String, Object> json(Path file) throws IOException {
    return Json.readObject(Files.readString(file, StandardCharsets.UTF_8));
  }
}
