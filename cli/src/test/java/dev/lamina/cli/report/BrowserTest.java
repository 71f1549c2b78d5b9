package dev.lamina.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the report in Chromium, where there is one. */
class BrowserTest {
  @TempDir Path folder;

  private static Optional<Path> chromium() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .flatMap(folder -> Stream.of("chromium", "google-chrome").map(Path.of(folder)::resolve))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Test
  void fitsAPhoneAndShowsTheSummary() throws Exception {
    Optional<Path> browser = chromium();
    assumeTrue(browser.isPresent(), "no chromium on the path");
    RunDirectory run = RunDirectory.createAt(folder.resolve("run"));
    run.writeRecord(
        Json.object("configuration", Json.object("model", "m".repeat(90), "dataset", "digits")));
    run.writeSummary(
        Json.object("status", "finished", "test_accuracy", 0.875, "test_loss", 0.5, "epochs", 1));
    Map<String, Object> evaluation = ReportTest.evaluation(12, "long-name-of-a-class");
    run.writeEvaluation(evaluation);
    Files.writeString(run.metrics(), ReportTest.epoch(1, "test", 0.5) + "\n");
    Report.write(run);
    Path frame = folder.resolve("frame.html");
    Files.writeString(
        frame,
        "<!DOCTYPE html><body><iframe src='run/report.html' width='390' height='900'"
            + " style='border:0' onload=\"let d=this.contentDocument;let w=d.documentElement;let"
            + " f=[...d.querySelectorAll('data')].map(e=>e.id+'='+e.value);let"
            + " b=getComputedStyle;let c=b(d.querySelector('.charts"
            + " figure')).borderTopWidth;document.body.append('answer"
            + " '+[w.scrollWidth-w.clientWidth,c,...f].join(' ')+' end')\"></iframe></body>");
    List<String> command = new ArrayList<>(List.of(browser.get().toString()));
    command.addAll(
        List.of(
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            "--user-data-dir=" + folder.resolve("profile"),
            "--dump-dom",
            frame.toUri().toString()));
    File dom = folder.resolve("dom").toFile();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(dom)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the browser does not end");
    String shown = Files.readString(dom.toPath(), StandardCharsets.UTF_8);
    Matcher answer = Pattern.compile("</iframe>answer (.*) end").matcher(shown);
    assertTrue(answer.find(), shown);
    List<String> parts = List.of(answer.group(1).split(" "));
    assertEquals("0", parts.get(0), "pixels that stick out sideways");
    assertEquals("1px", parts.get(1), "the style sheet is understood");
    assertTrue(parts.contains("test_accuracy=0.875"), parts.toString());
    assertTrue(parts.contains("test_loss=0.5"), parts.toString());
  }
}
