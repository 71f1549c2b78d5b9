package dev.lamina.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentFileTest {
  @TempDir Path folder;

  private Experiment read(String yaml) throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.writeString(file, yaml);
    return ExperimentFile.read(file, "x.yaml");
  }

  @Test
  void readsAllThatAFileMaySay() throws IOException {
    Experiment experiment =
        read(
            """
            title: Rates
            about: >
              One sentence
              on two lines.
            base: {model: lenet5, batch-size: 32}
            vary:
              lr: [0.1, 1e-3]
              way:
                - name: plain
                  published: {test_accuracy: 0.9, class_recall: {cat: 0.5}}
                - {name: nesterov, nesterov: true}
            repeats: 3
            short:
              repeats: 2
              train_limit: 100
            """);
    assertEquals("Rates", experiment.title());
    assertEquals("One sentence on two lines.", experiment.about());
    assertEquals("32", experiment.base().get(TrainSettings.BATCH_SIZE).text());
    assertEquals("x.yaml:5", experiment.base().get(TrainSettings.BATCH_SIZE).origin());
    assertEquals(3, experiment.repeats());
    assertEquals(2, experiment.shortRepeats().orElseThrow());
    assertEquals(List.of(TrainSettings.TRAIN_LIMIT), List.copyOf(experiment.shortened().keySet()));
    Axis rates = experiment.axes().get(0);
    assertEquals("lr", rates.name());
    assertTrue(rates.numeric());
    assertEquals("1e-3", rates.points().get(1).settings().get(TrainSettings.LR).text());
    Axis ways = experiment.axes().get(1);
    assertFalse(ways.numeric());
    assertEquals(
        Map.of("test_accuracy", 0.9, "class_recall/cat", 0.5), ways.points().get(0).published());
    assertEquals("x.yaml:11", ways.points().get(1).settings().get(TrainSettings.NESTEROV).origin());
  }

  @Test
  void takesEverySettingAsAnAxis() throws IOException {
    for (String key : TrainSettings.keys()) {
      if (!key.equals("seed")) {
        Axis axis = read("vary: {" + key + ": [a, b]}").axes().get(0);
        assertEquals(key, axis.name());
        assertEquals(2, axis.points().size());
      }
    }
  }

  @Test
  void givesAValueMoreSettings() throws IOException {
    Experiment experiment = read("vary: {optimizer: [sgd, {value: adam, lr: 0.001}]}");
    Axis.Point adam = experiment.axes().get(0).points().get(1);
    assertEquals("adam", adam.label());
    assertEquals("0.001", adam.settings().get(TrainSettings.LR).text());
    assertEquals("adam", adam.settings().get(TrainSettings.OPTIMIZER).text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'title: x'                          | x.yaml:1: there is no vary
          'vray: {lr: [1]}'                   | x.yaml:1: unknown key vray (there are title, about, base, vary, repeats, seeds, short); did you mean vary?
          'lr: 1'                             | settings of all runs stand under base
          'base: {lerning_rate: 1}\nvary: {lr: [1]}' | x.yaml:1: unknown setting lerning_rate (there are model,
          'base:\n  epcohs: 1\nvary: {lr: [1]}' | x.yaml:2: unknown setting epcohs
          'base:\n  epcohs: 1\nvary: {lr: [1]}' | did you mean epochs?
          'vary: {momentun: [1]}'             | did you mean momentum?
          'vary: {lr: 1}'                     | x.yaml:1: lr must be a list, for example [1, 2, 3]
          'vary: {lr: []}'                    | lr must be a list
          'vary: {}'                          | vary names nothing; for example lr: [0.01, 0.001]
          'vary:'                             | vary names nothing
          'vary: [lr]'                        | vary must be a block of keys and values
          'vary: {lr: [1, 1]}'                | lr 1 is given a second time
          'vary: {lr: [[1]]}'                 | lr must be a number, a text, true or false
          'vary: {lr: [1], lr: [2]}'          | lr is given a second time
          'vary: {seed: [1]}'                 | give repeats or seeds
          'vary: {lr: [{lr: 1}]}'             | each entry of lr needs a name, or a value
          'vary: {way: [{name: a, sede: 1}]}' | unknown setting sede
          'vary: {lr: [1], way: [{name: a, lr: 2}]}' | x.yaml:1: lr is varied by an earlier axis already
          'vary: {lr: [1]}\nrepeats: 0'       | x.yaml:2: repeats must be a whole number from 1 to 1000, not 0
          'vary: {lr: [1]}\nrepeats: two'     | not two
          'vary: {lr: [1]}\nseeds: [1, 1]'    | seed 1 is given a second time
          'vary: {lr: [1]}\nseeds: [-1]'      | a seed must be a whole number from 0, not -1
          'vary: {lr: [1]}\nseeds: [1]\nrepeats: 1' | x.yaml:2: give repeats or seeds, not both
          'vary: {lr: [{value: 1, published: {acuracy: 1}}]}' | unknown figure acuracy (there are test_accuracy
          'vary: {lr: [{value: 1, published: {test_acuracy: 1}}]}' | did you mean test_accuracy?
          'vary: {lr: [{value: 1, published: {test_loss: low}}]}' | test_loss must be a number, not low
          'vary: {lr: [1'                     | x.yaml:1:
          'vary: {lr: &a [*a]}'               | x.yaml:1: a value contains itself
          '[1]: 2'                            | x.yaml:1: a key must be a text
          '- 1'                               | x.yaml:1: an experiment must be a block of keys and values
          ''                                  | x.yaml: it is empty
          """)
  void namesLineKeyAndWhatIsAllowed(String yaml, String complaint) {
    UsageException refused =
        assertThrows(UsageException.class, () -> read(yaml.replace("\\n", "\n")));
    assertTrue(refused.getMessage().contains(complaint), refused.getMessage());
  }

  @Test
  void bearsAliasesThatBlowUp() {
    StringBuilder yaml = new StringBuilder("a: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
    for (int i = 1; i <= 12; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("b%d: &a%d [%s]%n".formatted(i, i, (alias + ", ").repeat(3) + alias));
    }
    UsageException refused = assertThrows(UsageException.class, () -> read(yaml.toString()));
    assertTrue(refused.getMessage().contains("more than 100000 values"), refused.getMessage());
  }

  @Test
  void saysWhyAFileCannotBeRead() throws IOException {
    Path missing = folder.resolve("none.yaml");
    assertEquals(
        "none.yaml: no such file or folder",
        assertThrows(UsageException.class, () -> ExperimentFile.read(missing, "none.yaml"))
            .getMessage());
    Path binary = folder.resolve("binary.yaml");
    Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertEquals(
        "binary.yaml: it is no text in UTF-8",
        assertThrows(UsageException.class, () -> ExperimentFile.read(binary, "binary.yaml"))
            .getMessage());
  }
}
