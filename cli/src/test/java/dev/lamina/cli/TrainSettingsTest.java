package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.io.SafetensorsReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What settings of a run do. */
class TrainSettingsTest extends TinyTraining {
  @Test
  void learnsAFewBatchesByHeartAndWrongLabelsIfAsked() throws IOException {
    train("--epochs 40 --out heart --overfit-batches 1 --lr 0.1");
    Map<String, Object> summary = json(folder.resolve("heart/summary.json"));
    assertEquals(1.0, summary.get("test_accuracy"));
    assertEquals(40L, summary.get("updates"));
    train("--epochs 3 --out noisy --label-noise 0.9");
    train("--epochs 3 --out clean");
    double noisy = (double) json(folder.resolve("noisy/summary.json")).get("test_accuracy");
    assertTrue(noisy < 0.6, "test accuracy " + noisy);
    double clean = (double) json(folder.resolve("clean/summary.json")).get("test_accuracy");
    assertTrue(clean > 0.8, "test accuracy " + clean);
  }

  @ParameterizedTest
  @CsvSource({
    "--loss mse --activation tanh --lr 0.2",
    "--loss bce --activation sigmoid --lr 0.2",
    "--loss l1 --activation leaky-relu --lr 0.2",
    "--label-smoothing 0.1 --class-weights balanced --activation elu --lr 0.01",
  })
  void measuresWhatItMakesSmall(String settings) throws IOException {
    train("--epochs 12 --out run " + settings);
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    Map<String, Object> first = metrics(folder.resolve("run")).get(0);
    assertTrue((double) summary.get("train_loss") < (double) first.get("loss"), summary.toString());
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", "run", "--json");
    assertEquals(summary.get("test_loss"), outcome.document().get("loss"), settings);
  }

  @Test
  void variesSamplesInTrainingAlone() throws IOException {
    String settings = "--epochs 2 --flip --crop 2 --rotation 10 --cutout 4 --brightness 0.2 --out ";
    train(settings + "a");
    train(settings + "b");
    train("--epochs 2 --out plain");
    assertArrayEquals(checkpoint("a"), checkpoint("b"));
    assertNotEquals(timeless("plain"), timeless("a"));
    Map<String, Object> summary = json(folder.resolve("a/summary.json"));
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", "a", "--json");
    assertEquals(summary.get("test_loss"), outcome.document().get("loss"));
    Cli.Outcome grey = train("--epochs 1 --saturation 0.5 --out grey");
    assertEquals(2, grey.exitCode());
    assertTrue(grey.err().contains("--saturation needs colours"), grey.err());
  }

  @Test
  void learnsFromAFolderOfPictures() throws IOException {
    Cli cli = new Cli().in(folder);
    Cli.Outcome export =
        cli.run("datasets", "export", "mnist", "photos", "--data-dir", data.toString());
    assertEquals(0, export.exitCode(), export.err());
    assertTrue(export.out().startsWith("120 pictures in "), export.out());
    String line = "train mlp-12 --dataset ./photos --image-size 28 --grey --device reference";
    Cli.Outcome outcome = cli.run((line + " --epochs 12 --batch-size 16 --lr 0.05").split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("90 training and 30 test samples"), outcome.out());
    String run = outcome.outLines().get(outcome.outLines().size() - 1).replace("run       ", "");
    assertTrue(Path.of(run).getFileName().toString().startsWith("mlp-12-photos-"), run);
    Map<String, Object> record = json(Path.of(run, "run.json"));
    assertEquals(
        folder.resolve("photos").toString(),
        ((Map<?, ?>) record.get("configuration")).get("dataset"));
    assertEquals(0, cli.run("evaluate", run).exitCode());
    Files.move(folder.resolve("photos"), folder.resolve("elsewhere"));
    Cli.Outcome told = cli.run("predict", run, "elsewhere/test/3");
    assertEquals(0, told.exitCode(), told.err());
    assertTrue(told.outLines().get(1).matches(".*00003.png +3 .*"), told.out());
  }

  private static final String OWN =
      """
      import dev.lamina.data.SampleSpec;
      import dev.lamina.graph.Graph;
      import dev.lamina.graph.GraphBuilder;
      import dev.lamina.graph.Value;
      import dev.lamina.models.ModelProvider;
      import dev.lamina.tensor.TensorSpec;

      public class MyNet implements ModelProvider {
        public String name() { return "mine"; }
        public String description() { return "my own"; }
        public Graph graph(SampleSpec samples) {
          GraphBuilder g = new GraphBuilder(name());
          Value x = g.input("images", TensorSpec.f32(1, 1, samples.height(), samples.width()));
          Value hidden = g.relu(g.linear("fc1", x, 12));
          return g.build(g.linear("fc2", hidden, samples.classes()));
        }
      }
      """;

  @Test
  void trainsANetworkOfOnesOwn() throws IOException {
    Path source = Files.writeString(folder.resolve("MyNet.java"), OWN);
    Cli cli = new Cli().in(folder);
    String line =
        " --dataset mnist --device reference --batch-size 16 --lr 0.05 --data-dir " + data;
    Cli.Outcome outcome = cli.run(("train MyNet.java --epochs 2 --out run" + line).split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    train("--epochs 2 --out same");
    assertEquals(timeless("same"), timeless("run"));
    Files.writeString(source, "no more");
    Cli.Outcome evaluated = cli.run("evaluate", "run");
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    assertEquals(0, cli.run("train", "--resume", "run", "--epochs", "3").exitCode());
    Cli.Outcome broken = cli.run(("train MyNet.java" + line).split(" "));
    assertEquals(2, broken.exitCode());
    assertTrue(broken.err().contains("MyNet.java:1: "), broken.err());
    Files.writeString(source, "class MyNet {}");
    broken = cli.run(("train MyNet.java" + line).split(" "));
    assertTrue(broken.err().contains("has no class that implements dev.lamina.models.ModelProv"));
    assertFalse(Files.exists(folder.resolve("runs")) && !isEmpty(folder.resolve("runs")));
  }

  @Test
  void beginsWithOtherValuesAndFreezesSome() throws IOException {
    train("--epochs 3 --out first");
    String init = "--init first/checkpoints/last.safetensors ";
    Cli.Outcome outcome = train("--epochs 2 --out second --freeze fc1.* " + init);
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("4 tensors taken, 0 of another shape, 0 missing"));
    assertArrayEquals(tensor("first", "fc1.weight"), tensor("second", "fc1.weight"));
    assertFalse(Arrays.equals(tensor("first", "fc2.weight"), tensor("second", "fc2.weight")));
    Cli.Outcome none = train("--epochs 2 --freeze conv* " + init);
    assertTrue(
        none.err().contains("--freeze conv* fits no parameter of mlp, which has fc1.weight"));
    Cli.Outcome all = train("--epochs 2 --freeze fc?.bias,*.weight");
    assertTrue(all.err().contains("there is nothing to learn"), all.err());
    Cli.Outcome missing = train("--epochs 2 --init nowhere");
    assertTrue(missing.exitCode() != 0 && missing.err().contains("nowhere"), missing.err());
  }

  private byte[] tensor(String run, String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Path file = folder.resolve(run).resolve("checkpoints/last.safetensors");
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      reader.read(
          name,
          (first, chunk) -> {
            byte[] part = new byte[chunk.remaining()];
            chunk.get(part);
            bytes.writeBytes(part);
          });
    }
    return bytes.toByteArray();
  }

  @Test
  void refusesAugmentationThatDoesNotSuitTheSamples() {
    for (String misfit : List.of("--crop 29", "--cutout 29", "--saturation 0.1")) {
      Cli.Outcome outcome = train("--epochs 1 " + misfit);
      assertEquals(2, outcome.exitCode());
      assertTrue(outcome.err().contains("lamina train: " + misfit.split(" ")[0]), outcome.err());
    }
  }

  @Test
  void refusesWeightsForOtherClasses() {
    Cli.Outcome outcome = train("--epochs 1 --class-weights 1,2");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("--class-weights has 2 weights, but mnist has"));
  }

  @Test
  void followsASchedule() throws IOException {
    train("--epochs 4 --out run --schedule step --step-epochs 2 --lr-factor 0.5");
    assertEquals(
        List.of(0.05, 0.05, 0.025, 0.025),
        metrics(folder.resolve("run")).stream()
            .filter(line -> line.get("split").equals("train"))
            .map(line -> line.get("lr"))
            .toList());
    Cli.Outcome late = train("--epochs 4 --out late --max-time 0.000001");
    assertEquals("out of time", json(folder.resolve("late/summary.json")).get("status"));
    assertTrue(late.out().contains("time is up"), late.out());
  }
}
