package dev.lamina.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code lamina train} and {@code evaluate} refuse, and how they say it. */
class RefusalsTest extends TinyTraining {
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
          train mlp --profile 0            | 2 | --profile must be a whole number from 1 to 1000, not 0
          train mlp --profile 1 --dry-run  | 2 | --profile goes not with --dry-run
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
}
