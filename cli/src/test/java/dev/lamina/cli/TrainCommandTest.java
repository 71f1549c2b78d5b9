package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import dev.lamina.io.SafetensorsReader;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws IOException {
    data = TinyMnist.write(folder.resolve("data"));
  }

  private Cli.Outcome train(String more) {
    return new Cli().in(folder).run(arguments(more));
  }

  private String[] arguments(String more) {
    String line =
        "train mlp-12 --dataset mnist --device reference --batch-size 16 --lr 0.05 --data-dir ";
    List<String> arguments = new ArrayList<>(List.of((line + data).split(" ")));
    arguments.addAll(List.of(more.split(" ")));
    return arguments.toArray(String[]::new);
  }

  @Test
  void deviceThatLacksThePrecisionSaysWhatItOffers() {
    Cli.Outcome outcome = train("--epochs 1 --out run --precision bf16");
    assertEquals(3, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains("device reference offers f32, not bf16"), outcome.err());
    assertEquals(2, train("--epochs 1 --out run --precision f16").exitCode());
  }

  @Test
  void trainsAndKeepsEverything() throws IOException {
    Cli.Outcome outcome = train("--epochs 3 --out run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals("", outcome.err());
    Path run = folder.resolve("run");
    List<String> lines = outcome.outLines();
    assertEquals("device    reference", lines.get(0));
    assertTrue(lines.contains("model     mlp-12, 9,550 parameters"), outcome.out());
    assertTrue(lines.stream().anyMatch(line -> line.matches("epoch 3/3  loss .* samples/s")));
    assertEquals("run       " + run, lines.get(lines.size() - 1));

    Map<String, Object> record = json(run.resolve("run.json"));
    assertEquals(1L, record.get("schema"));
    Map<?, ?> configuration = (Map<?, ?>) record.get("configuration");
    assertEquals("mlp-12", configuration.get("model"));
    assertEquals(3L, configuration.get("epochs"));
    assertEquals(data.toString(), configuration.get("data_dir"));
    assertEquals("f32", record.get("precision"));
    assertEquals("--lr", ((Map<?, ?>) record.get("origins")).get("lr"));
    assertEquals("reference", ((Map<?, ?>) record.get("device")).get("name"));
    assertEquals(4, ((Map<?, ?>) record.get("data")).size());
    assertFalse(((Map<?, ?>) record.get("choices")).isEmpty());

    List<Map<String, Object>> metrics = metrics(run);
    assertEquals(6, metrics.size());
    assertEquals(
        List.of(
            "epoch",
            "step",
            "split",
            "loss",
            "accuracy",
            "samples_per_second",
            "input_wait_fraction",
            "lr"),
        new ArrayList<>(metrics.get(0).keySet()));
    assertEquals(6L, metrics.get(0).get("step"));
    assertEquals(0.05, metrics.get(0).get("lr"));
    assertEquals("test", metrics.get(5).get("split"));

    Map<String, Object> summary = json(run.resolve("summary.json"));
    assertEquals("finished", summary.get("status"));
    assertEquals(metrics.get(5).get("accuracy"), summary.get("test_accuracy"));
    assertEquals(metrics.get(5).get("loss"), summary.get("test_loss"));
    assertEquals(9550L, summary.get("parameters"));
    assertEquals(18L, summary.get("updates"));
    assertTrue((double) summary.get("train_accuracy") > 0.8, summary.toString());
    assertTrue((double) summary.get("samples_per_second") > 0, summary.toString());
    assertTrue((double) summary.get("seconds") > 0, summary.toString());
    assertTrue((long) summary.get("device_bytes") > 4 * 9550, summary.toString());
    try (SafetensorsReader checkpoint =
        SafetensorsReader.open(run.resolve("checkpoints/last.safetensors"))) {
      assertTrue(checkpoint.tensors().containsKey("fc1.weight"));
    }
  }

  @Test
  void answersWithTheSummary() throws IOException {
    Cli.Outcome outcome = train("--epochs 1 --json");
    Map<String, Object> document = outcome.document();
    Path run = Path.of((String) document.remove("run"));
    assertTrue(run.getFileName().toString().matches("mlp-12-mnist-\\d{8}-\\d{6}-[0-9a-f]{4}"));
    assertEquals(folder.resolve("runs"), run.getParent());
    assertEquals(json(run.resolve("summary.json")), document);
    assertTrue(outcome.err().contains("epoch 1/1"), outcome.err());
    Cli.Outcome quiet = train("--epochs 1 -q");
    assertEquals(1, quiet.outLines().size(), quiet.out());
    assertTrue(quiet.out().startsWith("test accuracy "), quiet.out());
  }

  @Test
  void evaluatesWhatItTrained() throws IOException {
    train("--epochs 2 --out run");
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    Cli.Outcome outcome = new Cli().in(folder).run("evaluate", "run", "--json");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals(summary.get("test_accuracy"), outcome.document().get("accuracy"));
    assertEquals(summary.get("test_loss"), outcome.document().get("loss"));
    assertEquals(30L, outcome.document().get("samples"));
    outcome = new Cli().in(folder).run("evaluate", "run");
    assertTrue(outcome.out().contains("mlp-12 after 2 epochs on 30 test samples of mnist"));
  }

  @Test
  void givesTheSameBitsForTheSameSeed() throws IOException {
    train("--epochs 2 --out a");
    train("--epochs 2 --out b");
    train("--epochs 2 --out c --seed 2");
    assertArrayEquals(checkpoint("a"), checkpoint("b"));
    assertEquals(timeless("a"), timeless("b"));
    assertNotEquals(timeless("a"), timeless("c"));
  }

  @Test
  void repeatsARunFromItsRecord() throws IOException {
    train("--epochs 2 --out a --seed 5 --optimizer adam --lr 0.002 --train-limit 50 --dropout 0.2");
    Cli.Outcome outcome =
        new Cli().in(folder).run("train", "--config", "a/run.json", "--like", "a", "--out", "b");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("a"), checkpoint("b"));
    assertEquals(8L, json(folder.resolve("b/summary.json")).get("updates"));
  }

  @Test
  void goesOnAsIfItHadNotStopped() throws IOException {
    train("--epochs 4 --out whole");
    train("--epochs 2 --out parts");
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "parts", "--epochs", "4");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("whole"), checkpoint("parts"));
    assertEquals(timeless("whole"), timeless("parts"));
    Map<String, Object> record = json(folder.resolve("parts/run.json"));
    assertEquals(4L, ((Map<?, ?>) record.get("configuration")).get("epochs"));
    assertEquals(1, ((List<?>) record.get("resumed")).size());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS) // has no signals
  void savesWhereItStandsOnCtrlC() throws Exception {
    String settings = "--epochs 80 --batch-size 7 --out ";
    train(settings + "whole");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments(settings + "run")));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("LAMINA_HOME", folder.resolve("home").toString());
    Process process = builder.start();
    // Started before it is needed: on a busy machine the run could end before a new process begins.
    Process signal = new ProcessBuilder("sh", "-c", "read go; kill -INT " + process.pid()).start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("epoch  3/80")) {
        line = out.readLine();
      }
      signal.getOutputStream().close();
      assertEquals(0, signal.waitFor());
      List<String> rest = out.lines().toList();
      assertEquals("interrupted; go on with: lamina train --resume run", last(rest));
    }
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("lamina: warning: stopping after this step; once more stops at once", err.strip());
    assertEquals(130, process.waitFor());
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    assertEquals("interrupted", summary.get("status"));
    assertTrue((long) summary.get("epochs") < 80, summary.toString());
    assertNull(summary.get("train_accuracy"));

    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertArrayEquals(checkpoint("whole"), checkpoint("run"));
    assertEquals(timeless("whole"), timeless("run"));
  }

  private static String last(List<String> lines) {
    return lines.get(lines.size() - 1);
  }

  @Test
  void refusesToGoOnWhereThereIsNothingToDo() throws IOException {
    train("--epochs 1 --out run");
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run");
    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("has all its 1 epochs; give --epochs to go on"));
    outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2", "--out", "x");
    assertEquals(2, outcome.exitCode());
    Files.delete(folder.resolve("run/checkpoints/last.safetensors"));
    outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2");
    assertTrue(outcome.err().contains("has no checkpoint to go on from; start it anew with"));
  }

  @Test
  void refusesToGoOnWithDamagedOrOtherThings() throws IOException {
    train("--epochs 1 --out run");
    byte[] sound = checkpoint("run");
    byte[] damaged = sound.clone();
    damaged[damaged.length - 1] ^= 1;
    Files.write(folder.resolve("run/checkpoints/last.safetensors"), damaged);
    Cli.Outcome outcome = new Cli().in(folder).run("train", "--resume", "run", "--epochs", "2");
    assertEquals(4, outcome.exitCode());
    assertTrue(outcome.err().contains("do not match their checksum"), outcome.err());
    Files.write(folder.resolve("run/checkpoints/last.safetensors"), sound);

    Path other = TinyMnist.write(folder.resolve("other"));
    Files.copy(
        other.resolve("t10k-images-idx3-ubyte.gz"), other.resolve("t10k-labels-idx1-ubyte.gz.bak"));
    Files.write(
        other.resolve("train-labels-idx1-ubyte.gz"),
        Files.readAllBytes(data.resolve("train-labels-idx1-ubyte.gz")));
    byte[] images = Files.readAllBytes(other.resolve("t10k-images-idx3-ubyte.gz"));
    images[4] = 1; // the time in the gzip header: other bytes, same content
    Files.write(other.resolve("t10k-images-idx3-ubyte.gz"), images);
    outcome =
        new Cli()
            .in(folder)
            .run("train", "--resume", "run", "--epochs", "2", "--data-dir", other.toString());
    assertEquals(4, outcome.exitCode());
    assertTrue(outcome.err().contains("the data is not what this run began with"), outcome.err());
    assertArrayEquals(sound, checkpoint("run"));
  }

  @Test
  void endsADivergingRunAndKeepsItsRecord() throws IOException {
    Cli.Outcome outcome = train("--epochs 5 --lr 1e30 --out run");
    assertEquals(1, outcome.exitCode());
    assertTrue(outcome.err().contains("the loss became "), outcome.err());
    assertEquals(1, outcome.err().lines().count());
    Map<String, Object> summary = json(folder.resolve("run/summary.json"));
    assertEquals("diverged", summary.get("status"));
    assertNull(summary.get("test_accuracy"));
    assertTrue(train("--epochs 5 --lr 1e30 --json").document().containsKey("error"));
  }

  @Test
  void trainsConvolutionsOnTheCpu() throws IOException {
    Cli.Outcome outcome =
        new Cli()
            .in(folder)
            .run(
                ("train lenet5 --device cpu --dataset mnist --epochs 1 --batch-size 45 --out run"
                        + " --data-dir "
                        + data)
                    .split(" "));
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertEquals(61_706L, json(folder.resolve("run/summary.json")).get("parameters"));
    Cli.Outcome measured = new Cli().in(folder).run("evaluate", "run", "--json");
    assertEquals(
        json(folder.resolve("run/summary.json")).get("test_loss"), measured.document().get("loss"));
  }

  @Test
  void keepsTheBestByValidationAndStopsEarly() throws IOException {
    // after the first step in a wrong direction nothing gets better with such a rate
    Cli.Outcome outcome =
        train("--epochs 30 --out run --validation-split 0.2 --early-stopping 2 --lr 1e-20");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().contains("stopped early: 2 epochs without"), outcome.out());
    String data = outcome.outLines().stream().filter(l -> l.startsWith("data")).findFirst().get();
    assertTrue(data.matches(".* 70 training, 20 validation and 30 test samples.*"), data);
    Path run = folder.resolve("run");
    Map<String, Object> summary = json(run.resolve("summary.json"));
    assertEquals("stopped early", summary.get("status"));
    assertEquals(3L, summary.get("epochs"));
    assertEquals(1L, summary.get("best_epoch"));
    assertEquals(
        List.of("train", "validation", "test"),
        metrics(run).stream().limit(3).map(line -> line.get("split")).toList());
    assertEquals(0, new Cli().in(folder).run("evaluate", "run", "--best").exitCode());
    Cli.Outcome again = new Cli().in(folder).run("train", "--resume", "run");
    assertTrue(again.err().contains("give a larger --early-stopping"), again.err());
    train("--epochs 1 --out other");
    Cli.Outcome none = new Cli().in(folder).run("evaluate", "other", "--best");
    assertTrue(none.err().contains("it was not trained with --validation-split"), none.err());
  }

  @Test
  void keepsNothingOfADryRun() throws IOException {
    Cli.Outcome outcome = train("--epochs 30 --dry-run");
    assertEquals(0, outcome.exitCode(), outcome.err());
    String last = outcome.outLines().get(outcome.outLines().size() - 1);
    assertTrue(last.startsWith("dry run: a training step, a test batch and a check"), last);
    assertTrue(isEmpty(folder.resolve("runs")));
    assertEquals(1L, train("--epochs 30 --dry-run --json").document().get("updates"));
  }

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
    assertTrue(grey.err().contains("saturation needs three channels"), grey.err());
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

  @Test
  void explainsThePlanOfAStep() {
    Cli.Outcome outcome = train("--epochs 1 --explain-plan");
    assertTrue(outcome.out().contains("linear"), outcome.out());
    assertTrue(outcome.outLines().stream().anyMatch(line -> line.startsWith("plan ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train lenet --dataset mnist      | 2 | unknown model lenet (there are
          train mlp --dataset minst        | 2 | did you mean mnist?
          train mlp --device refernce      | 3 | did you mean reference?
          train mlp --device brittle       | 3 | libbrittle.so.9 not found
          train mlp --epoch 3              | 2 | unknown option --epoch; did you mean --epochs?
          train mlp --epochs zero          | 2 | --epochs must be a whole number from 1 to 1000000
          train mlp --lr                   | 2 | Missing required parameter for option '--lr'
          train mlp mlp                    | 2 | unexpected argument mlp
          train                            | 2 | name a model
          train mlp --resume nowhere       | 2 | is not a run: it is no folder
          train mlp --config nowhere       | 2 | no such file or folder
          train mlp --dataset mnist --data-dir nowhere --device reference | 4 | does not exist
          train mlp --out data --device reference | 2 | is not empty
          train Missing.java               | 2 | Missing.java does not exist
          train mine --classpath nowhere   | 2 | nowhere does not exist
          train mlp --dataset ./nowhere    | 4 | nowhere does not exist
          train mlp --dataset mnist --grey | 2 | grey (--grey) belongs to folders of pictures
          train mlp --dataset ./data --data-dir data | 2 | does not go with a folder of pictures
          train resnet18 --dropout 0.5     | 2 | model resnet18 has no dropout
          train resnet18 --activation elu  | 2 | model resnet18 has no choice of activation
          evaluate                         | 2 | Missing required parameter: 'RUN'
          evaluate data                    | 2 | is not a run: it has no run.json
          """)
  void refusesInOneLineAndLeavesNothing(String line, int exitCode, String reason)
      throws IOException {
    Cli.Outcome outcome = new Cli().in(folder).run(line.split(" "));
    assertEquals(exitCode, outcome.exitCode(), outcome.err());
    assertTrue(outcome.err().contains(reason), outcome.err());
    assertEquals(1, outcome.err().lines().count(), outcome.err());
    assertEquals("", line.contains("data-dir nowhere") ? "" : outcome.out());
    try (Stream<Path> left = Files.walk(folder)) {
      List<Path> runs = left.filter(path -> path.endsWith("run.json")).toList();
      assertEquals(List.of(), runs);
    }
    assertFalse(Files.exists(folder.resolve("runs")) && !isEmpty(folder.resolve("runs")));
  }

  @Test
  void showsWhereAnErrorCameFromOnlyWhenAsked() {
    Cli.Outcome outcome = new Cli().in(folder).run("train", "mlp", "--device", "brittle", "-v");
    assertEquals(3, outcome.exitCode());
    assertTrue(outcome.err().contains("\tat "), outcome.err());
  }

  @Test
  void readsVariablesAndWarnsOfMisspeltOnes() throws IOException {
    Cli cli = new Cli().in(folder).with("LAMINA_EPOCHS", "2").with("LAMINA_SED", "3");
    Cli.Outcome outcome = cli.run(arguments("--out run"));
    assertEquals(
        "lamina: warning: variable LAMINA_SED is not used; did you mean LAMINA_SEED?",
        outcome.err().strip());
    assertEquals(2L, json(folder.resolve("run/summary.json")).get("epochs"));
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> content = Files.list(path)) {
      return content.findAny().isEmpty();
    }
  }

  private byte[] checkpoint(String run) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve("checkpoints/last.safetensors"));
  }

  private List<Map<String, Object>> timeless(String run) throws IOException {
    List<Map<String, Object>> metrics = metrics(folder.resolve(run));
    metrics.forEach(
        line -> line.keySet().removeAll(List.of("samples_per_second", "input_wait_fraction")));
    return metrics;
  }

  private static List<Map<String, Object>> metrics(Path run) throws IOException {
    List<Map<String, Object>> metrics = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      metrics.add(Json.readObject(line));
    }
    return metrics;
  }

  private static Map<String, Object> json(Path file) throws IOException {
    return Json.readObject(Files.readString(file, StandardCharsets.UTF_8));
  }
}
