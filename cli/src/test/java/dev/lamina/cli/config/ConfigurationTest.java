package dev.lamina.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.json.Json;
import dev.lamina.datasets.DatasetCatalog;
import dev.lamina.models.ModelCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @TempDir Path folder;

  private final Map<Setting<?>, String> flags = new HashMap<>(Map.of(TrainSettings.MODEL, "mlp"));
  private final Map<String, String> variables = new HashMap<>();
  private Optional<Path> file = Optional.empty();

  private Configuration resolve() {
    return Configuration.resolve(flags, variables, file);
  }

  private String refusal() {
    return assertThrows(UsageException.class, this::resolve).getMessage();
  }

  private void file(String content) throws IOException {
    file = Optional.of(Files.writeString(folder.resolve("c.json"), content));
  }

  @Test
  void takesTheFirstSourceThatSaysSomething() throws IOException {
    flags.put(TrainSettings.MODEL, "lenet5");
    flags.put(TrainSettings.DATASET, "fashion-mnist");
    assertEquals(20, resolve().get(TrainSettings.EPOCHS));
    assertEquals(64, resolve().get(TrainSettings.BATCH_SIZE));
    file("{\"epochs\": 5, \"batch_size\": 32, \"lr\": 1e-3}");
    assertEquals(5, resolve().get(TrainSettings.EPOCHS));
    assertEquals(0.001, resolve().get(TrainSettings.LR));
    variables.put("LAMINA_EPOCHS", "4");
    assertEquals(4, resolve().get(TrainSettings.EPOCHS));
    flags.put(TrainSettings.EPOCHS, "3");
    assertEquals(3, resolve().get(TrainSettings.EPOCHS));
    assertEquals(32, resolve().get(TrainSettings.BATCH_SIZE));
    String described = String.join(", ", resolve().describe());
    assertTrue(
        described.startsWith("model lenet5 (MODEL), dataset fashion-mnist (--dataset), "),
        described);
    assertTrue(described.contains("epochs 3 (--epochs), batch-size 32 (" + file.get() + "), "));
    assertTrue(described.contains("optimizer sgd (recipe), lr 0.001 (" + file.get() + "), mom"));
    assertTrue(
        described.endsWith(
            "weight-decay 0, schedule cosine (recipe), device auto, data-on-device auto"),
        described);
  }

  @Test
  void takesTheRecordOfARun() throws IOException {
    flags.clear();
    file("{\"schema\": 1, \"configuration\": {\"model\": \"lenet5\", \"seed\": 7, \"lr\": null}}");
    assertEquals("lenet5", resolve().get(TrainSettings.MODEL));
    assertEquals(7, resolve().get(TrainSettings.SEED));
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    flags.put(TrainSettings.LR, "3e-5");
    flags.put(TrainSettings.CLIP_NORM, "1.5");
    flags.put(TrainSettings.NESTEROV, "true");
    flags.put(TrainSettings.DATA_DIR, "my data");
    Configuration first = resolve();
    assertEquals(Path.of("my data"), first.get(TrainSettings.DATA_DIR));
    Map<String, Object> json = first.toJson(folder);
    assertEquals(folder.resolve("my data").toString(), json.get("data_dir"));
    file(Json.document(json));
    flags.clear();
    assertEquals(json, resolve().toJson(folder));
  }

  @Test
  void suggestsNamesInFiles() throws IOException {
    file("{\"epoch\": 3}");
    assertEquals(file.get() + ": unknown setting epoch; did you mean epochs?", refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                     | it is no JSON object
          {"lr": [1]}            | lr must be a number, a text, true or false
          {"epochs": 2.5}        | epochs must be a whole number from 1 to 1000000, not 2.5
          {"nesterov": "maybe"}  | nesterov must be true or false, not maybe
          {"lr": 1               | line 1: Unexpected end-of-input
          """)
  void refusesFilesThatMakeNoSense(String content, String reason) throws IOException {
    file(content);
    String refusal = refusal();
    assertTrue(refusal.contains(file.get() + ": " + reason), refusal);
  }

  @Test
  void refusesFilesThatCannotBeRead() throws IOException {
    file = Optional.of(folder.resolve("missing.json"));
    assertEquals("--config " + file.get() + ": no such file or folder", refusal());
    file = Optional.of(folder);
    assertTrue(refusal().startsWith("--config " + folder + ": "));
    file = Optional.of(folder.resolve("binary"));
    Files.write(file.get(), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertEquals("--config " + file.get() + ": it is no text in UTF-8", refusal());
  }

  @ParameterizedTest
  @CsvSource({
    "epochs, 0",
    "epochs, -1",
    "epochs, 1e3",
    "epochs, 99999999999999999999",
    "batch-size, many",
    "lr, 0",
    "lr, -0.1",
    "lr, NaN",
    "lr, Infinity",
    "lr, 1e-60",
    "lr, 1e60",
    "momentum, 1",
    "momentum, -0.5",
    "weight-decay, -1",
    "clip-norm, 0",
    "seed, -1",
    "threads, 0",
    "optimizer, sdg",
    "data-on-device, yes",
    "train-limit, 0",
    "image-size, 0",
    "image-size, 3x",
    "test-split, 1",
    "flip, left",
    "crop, -1",
    "rotation, 46",
    "cutout, x",
    "brightness, 1",
    "activation, softplus",
    "loss, hinge",
    "label-smoothing, 1",
    "class-weights, even",
    "class-weights, 1",
    "class-weights, '1,-2'",
    "label-noise, 1.5",
    "schedule, linear",
    "step-epochs, 0",
    "milestones, '3,2'",
    "milestones, '3,,4'",
    "lr-factor, 1",
    "warmup, -1",
    "min-lr, -1",
    "plateau-patience, -1",
    "validation-split, 1",
    "validation-split, 0",
    "early-stopping, 0",
    "max-time, 0",
    "max-time, 5d",
    "max-time, s",
    "overfit-batches, 0",
    "ema, 1",
    "l1, -1",
    "decay-all, yes",
    "dropout, 1",
    "dropout, -0.1",
  })
  void refusesImpossibleValuesByTheirSource(String name, String value) {
    Setting<?> setting =
        TrainSettings.ALL.stream().filter(known -> known.name().equals(name)).findFirst().get();
    flags.put(setting, value);
    String refusal = refusal();
    assertTrue(refusal.startsWith("--" + name + " must be "), refusal);
    assertTrue(refusal.endsWith(", not " + value), refusal);
    flags.remove(setting);
    variables.put(setting.variable(), value);
    assertTrue(refusal().startsWith(setting.variable() + " must be "), refusal());
  }

  @Test
  void keepsSettingsOfOneOptimizerFromAnother() throws IOException {
    flags.put(TrainSettings.MODEL, "lenet5");
    flags.put(TrainSettings.OPTIMIZER, "adam");
    assertEquals(0.001, resolve().get(TrainSettings.LR)); // not the recipe's 0.01 for sgd
    assertEquals(Optional.empty(), resolve().find(TrainSettings.MOMENTUM));
    file("{\"optimizer\": \"sgd\", \"lr\": 0.5, \"momentum\": 0.5, \"epochs\": 2}");
    assertEquals(0.001, resolve().get(TrainSettings.LR));
    assertEquals(2, resolve().get(TrainSettings.EPOCHS));
    flags.put(TrainSettings.MOMENTUM, "0.9");
    assertEquals(
        "momentum (--momentum) belongs to optimizer sgd or rmsprop, but the optimizer is adam"
            + " (--optimizer)",
        refusal());
  }

  @Test
  void refusesNesterovWithoutMomentum() {
    flags.put(TrainSettings.NESTEROV, "true");
    flags.put(TrainSettings.MOMENTUM, "0");
    assertEquals("nesterov needs a momentum above 0", refusal());
    flags.put(TrainSettings.NESTEROV, "false");
    flags.put(TrainSettings.DECAY_ALL, "true");
    assertEquals("decay-all needs a weight-decay or an l1 above 0", refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          schedule=step                    | schedule step needs --step-epochs: it says when
          schedule=multi-step              | schedule multi-step needs --milestones: they say when
          schedule=plateau                 | needs --validation-split: the test set must not decide
          early-stopping=3                 | needs --validation-split: the test set must not decide
          schedule=cosine step-epochs=3    | step-epochs (--step-epochs) belongs to schedule step
          schedule=step milestones=3       | milestones (--milestones) belongs to schedule multi-step
          lr-factor=0.5                    | belongs to schedule step or multi-step or plateau
          min-lr=0.001                     | belongs to schedule cosine or plateau, but the schedule
          schedule=one-cycle warmup=1      | does not go with schedule one-cycle
          epochs=2 warmup=2.5              | warmup (--warmup) of 2.5 epochs is longer than the run
          schedule=cosine min-lr=1         | min-lr 1.0 is above lr 0.01
          overfit-batches=2 train-limit=9  | train-limit (--train-limit) does not go with overfit
          overfit-batches=2 label-noise=0  | label-noise (--label-noise) does not go with overfit
          loss=mse label-smoothing=0.1     | label-smoothing (--label-smoothing) belongs to loss cross
          loss=bce class-weights=balanced  | class-weights (--class-weights) belongs to loss cross-en
          nesterov=true optimizer=rmsprop  | nesterov (--nesterov) belongs to optimizer sgd
          classpath=nets.jar model=My.java | classpath (--classpath) does not go with My.java
          threads=2 device=opencl:0        | threads (--threads) belongs to device cpu, but the device
          centered=true optimizer=adam     | centered (--centered) belongs to optimizer rmsprop
          """)
  void refusesWhatDoesNotGoTogether(String given, String reason) {
    for (String pair : given.split(" ")) {
      String[] parts = pair.split("=");
      TrainSettings.ALL.stream()
          .filter(known -> known.name().equals(parts[0]))
          .forEach(setting -> flags.put(setting, parts[1]));
    }
    assertTrue(refusal().contains(reason), refusal());
  }

  @Test
  void helpNamesTheDefaults() {
    Recipes.defaults("sgd")
        .forEach(
            (setting, value) -> {
              String said = setting.description().replaceFirst("(?s).*Default: ", "");
              assertTrue(setting.isFlag() || said.contains(value), setting + ": " + said);
            });
  }

  @Test
  void readsTimes() {
    Map<String, Double> times = Map.of("90", 90.0, "90s", 90.0, "10m", 600.0, "1.5h", 5400.0);
    times.forEach(
        (text, seconds) -> {
          flags.put(TrainSettings.MAX_TIME, text);
          assertEquals(seconds, resolve().get(TrainSettings.MAX_TIME));
        });
  }

  private static Map<String, Object> said(Configuration configuration) {
    Map<String, Object> said = configuration.origins();
    said.values().removeIf("default"::equals);
    return said;
  }

  @Test
  void hasRecipesForWhatThereIs() {
    for (String pair : Recipes.pairs()) {
      ModelCatalog.find(pair.split(" ")[0]);
      DatasetCatalog.describe(pair.split(" ")[1]);
    }
  }

  @Test
  void wantsAModel() {
    flags.clear();
    assertEquals("name a model; see lamina models", refusal());
  }

  @Test
  void warnsOfMisspeltVariables() {
    assertEquals(
        List.of("variable LAMINA_EPOCH is not used; did you mean LAMINA_EPOCHS?"),
        Configuration.misspeltVariables(
            Map.of("LAMINA_EPOCH", "3", "LAMINA_HOME", "x", "LAMINA_LR", "1", "HOME", "y")));
  }

  @Test
  void goesOnWithARunsOwnSettings() {
    Map<String, Object> earlier = Json.object("model", "mlp", "seed", 9L, "epochs", 4L);
    Configuration resumed =
        Configuration.resume(Path.of("run.json"), earlier, Map.of(TrainSettings.EPOCHS, "6"));
    assertEquals(6, resumed.get(TrainSettings.EPOCHS));
    assertEquals(9, resumed.get(TrainSettings.SEED));
    assertEquals(Map.of("epochs", "--epochs"), said(resumed));
    assertTrue(resumed.describe().containsAll(List.of("model mlp", "epochs 6 (--epochs)")));
    UsageException refused =
        assertThrows(
            UsageException.class,
            () ->
                Configuration.resume(
                    Path.of("run.json"), earlier, Map.of(TrainSettings.LR, "0.1")));
    assertTrue(refused.getMessage().startsWith("--lr cannot be given with --resume"));
  }
}
