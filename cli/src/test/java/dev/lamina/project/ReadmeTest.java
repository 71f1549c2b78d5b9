package dev.lamina.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README shows what is there. */
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("```(\\w*)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  private static List<String> blocks(String readme, String language) {
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(readme);
    while (matcher.find()) {
      if (matcher.group(1).equals(language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }

  @Test
  void itsJavaIsTheExampleThatIsRun() throws IOException {
    String readme = Files.readString(ProjectModel.root().resolve("README.md"));
    Path example = ProjectModel.root().resolve("docs/example");
    String source = Files.readString(example.resolve("src/main/java/Example.java"));
    List<String> shown = blocks(readme, "java");
    assertEquals(1, shown.size());
    assertTrue(source.contains(shown.get(0)), "not in Example.java:\n" + shown.get(0));
    assertTrue(readme.contains("```\n" + Files.readString(example.resolve("output.txt")) + "```"));
  }

  @Test
  void itsCommandsAndLinksExist() throws IOException {
    String readme = Files.readString(ProjectModel.root().resolve("README.md"));
    for (String block : blocks(readme, "")) {
      for (String line : block.split("\n")) {
        if (line.startsWith("$ ")) {
          Path command = ProjectModel.root().resolve(line.substring(2).split(" ")[0]);
          assertTrue(Files.isExecutable(command), line);
        }
      }
    }
    Matcher links = LINK.matcher(readme);
    assertTrue(links.find());
    do {
      Path target = ProjectModel.root().resolve(links.group(1));
      assertFalse(Files.notExists(target), links.group(1));
    } while (links.find());
  }
}
