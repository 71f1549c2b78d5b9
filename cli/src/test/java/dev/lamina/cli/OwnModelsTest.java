package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of a user's, as a build tool packs them. */
class OwnModelsTest {
  private static final String PROVIDER =
      """
      package org.example;

      import dev.lamina.data.SampleSpec;
      import dev.lamina.graph.Graph;
      import dev.lamina.models.ModelProvider;

      public class Narrow implements ModelProvider {
        public String name() { return "narrow"; }
        public String description() { return "one hidden layer"; }
        public Graph graph(SampleSpec samples) { return Layers.of(name(), samples); }
      }
      """;

  private static final String LAYERS =
      """
      package org.example;

      import dev.lamina.data.SampleSpec;
      import dev.lamina.graph.Graph;
      import dev.lamina.graph.GraphBuilder;
      import dev.lamina.graph.Value;
      import dev.lamina.tensor.TensorSpec;

      final class Layers {
        static Graph of(String name, SampleSpec samples) {
          GraphBuilder g = new GraphBuilder(name);
          Value x = g.input("images", TensorSpec.f32(1, 1, samples.height(), samples.width()));
          return g.build(g.linear("fc2", g.relu(g.linear("fc1", x, 12)), samples.classes()));
        }
      }
      """;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = TinyMnist.write(folder.resolve("data"));
  }

  /** Compiles both classes and packs them, with or without the list of providers. */
  private Path jar(String name, boolean declared) throws IOException {
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Path provider = Files.writeString(sources.resolve("Narrow.java"), PROVIDER);
    Path layers = Files.writeString(sources.resolve("Layers.java"), LAYERS);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    String classPath = System.getProperty("java.class.path");
    String[] arguments = {
      "-cp", classPath, "-d", classes.toString(), provider.toString(), layers.toString()
    };
    int failed = ToolProvider.getSystemJavaCompiler().run(null, said, said, arguments);
    assertEquals(0, failed, said.toString(StandardCharsets.UTF_8));
    Path jar = folder.resolve(name);
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(file);
        Stream<Path> compiled = Files.walk(classes)) {
      for (Path each : compiled.filter(Files::isRegularFile).toList()) {
        String entry = classes.relativize(each).toString().replace('\\', '/');
        packed.putNextEntry(new JarEntry(entry));
        Files.copy(each, packed);
      }
      if (declared) {
        packed.putNextEntry(new JarEntry("META-INF/services/dev.lamina.models.ModelProvider"));
        packed.write("org.example.Narrow\n".getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }

  private Cli.Outcome train(String model, String more) {
    String line =
        " --dataset mnist --device reference --batch-size 16 --epochs 2 --lr 0.05 --data-dir ";
    return new Cli().in(folder).run(("train " + model + line + data + " " + more).split(" "));
  }

  private byte[] checkpoint(String run) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve("checkpoints/last.safetensors"));
  }

  @Test
  void aJarGivesNetworksByName() throws IOException {
    jar("nets.jar", true);
    Cli.Outcome outcome = train("narrow", "--classpath nets.jar --out run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("model     narrow, 9,550 parameters"), outcome.out());
    Cli cli = new Cli().in(folder);
    Cli.Outcome evaluated = cli.run("evaluate", "run");
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    Cli.Outcome resumed = cli.run("train", "--resume", "run", "--epochs", "3");
    assertEquals(0, resumed.exitCode(), resumed.err());
    Cli.Outcome other = train("wide", "--classpath nets.jar");
    assertEquals(2, other.exitCode());
    assertTrue(other.err().contains("called wide; there are narrow"), other.err());
  }

  @Test
  void aJarGivesNetworksByTheirClass() throws IOException {
    jar("plain.jar", false);
    Cli.Outcome outcome = train("org.example.Narrow", "--classpath plain.jar --out run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    Cli.Outcome unpacked = train("org.example.Narrow", "--classpath classes --out same");
    assertEquals(0, unpacked.exitCode(), unpacked.err());
    assertArrayEquals(checkpoint("same"), checkpoint("run"));
    Cli.Outcome none = train("narrow", "--classpath plain.jar");
    assertEquals(2, none.exitCode());
    assertTrue(none.err().contains("declares none in META-INF/services"), none.err());
  }

  @Test
  void whatIsNoJarIsRefused() throws IOException {
    Files.write(folder.resolve("damaged.jar"), List.of("no archive"));
    Cli.Outcome outcome = train("narrow", "--classpath damaged.jar");
    assertEquals(2, outcome.exitCode(), outcome.err());
  }
}
