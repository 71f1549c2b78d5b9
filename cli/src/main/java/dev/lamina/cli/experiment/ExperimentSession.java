package dev.lamina.cli.experiment;

import dev.lamina.cli.config.RunKeys;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.console.ShellCommand;
import dev.lamina.cli.console.Table;
import dev.lamina.cli.experiment.KnownRun.Status;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.report.ExperimentPage;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.cli.train.Rehearsal;
import dev.lamina.cli.train.TrainSession;
import dev.lamina.train.DivergedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Runs an experiment, one run after the other, and writes what they came to after each. Used once,
 * by one thread.
 *
 * <p>What has ended stays: the same command goes on where an earlier one stopped, and an experiment
 * that was changed makes only the runs that it lacks.
 */
public final class ExperimentSession {
  /** Seeds of one combination. */
  public static final int MOST_REPEATS = 1000;

  private static final String SECONDS = "seconds";

  /**
   * What to run.
   *
   * @param file the experiment file
   * @param out folder for all runs; empty for one in {@code runs} named after the file
   * @param shortForm whether the file's short form is wanted
   * @param repeats in place of the file's
   * @param flags settings in place of the file's base
   * @param version of the program, for the records of runs
   * @param arguments of the command line
   */
  public record Request(
      Path file,
      Optional<Path> out,
      boolean shortForm,
      Optional<Integer> repeats,
      Map<Setting<?>, String> flags,
      String version,
      List<String> arguments) {}

  /**
   * How it ended.
   *
   * @param interrupted whether the user stopped it
   * @param record the content of {@code experiment.json}
   * @param folder the experiment's folder
   */
  public record Outcome(boolean interrupted, Map<String, Object> record, Path folder) {}

  private final Invocation invocation;
  private final Console console;
  private final Request request;
  private final Grid grid;
  private final Map<PlannedRun, KnownRun> known = new LinkedHashMap<>();
  private final Estimates estimates;
  private final Results results;
  private final Path path;
  private double startingSeconds;
  private int started;

  /**
   * Reads the file and makes sure that every run is possible.
   *
   * @throws dev.lamina.cli.config.UsageException if one is not
   */
  public ExperimentSession(Invocation invocation, Console console, Request request) {
    this.invocation = invocation;
    this.console = console;
    this.request = request;
    Experiment experiment =
        ExperimentFile.read(invocation.resolve(request.file()), request.file().toString());
    this.grid =
        Grid.of(
            experiment,
            new Grid.Wanted(request.shortForm(), request.repeats(), request.flags()),
            invocation,
            console);
    this.estimates =
        new Estimates(configuration -> TrainSession.dataOf(configuration, invocation, console));
    this.results = new Results(grid, known);
    String name = request.file().getFileName().toString().replaceFirst("\\.ya?ml$", "");
    this.path =
        invocation.resolve(
            request.out().orElse(Path.of("runs", name + (request.shortForm() ? "-short" : ""))));
  }

  /** Lists the runs with the time each will take, and runs none. */
  public Map<String, Object> rehearse() throws IOException {
    look(ExperimentFolder.look(path));
    announce();
    List<String> headings = new ArrayList<>(List.of(">RUN"));
    grid.experiment().axes().forEach(axis -> headings.add(axis.name()));
    headings.addAll(List.of(">SEED", "STATE", ">TIME"));
    Table table = new Table(headings.toArray(String[]::new));
    List<Object> runs = new ArrayList<>();
    double left = 0;
    for (PlannedRun run : grid.runs()) {
      KnownRun is = known.get(run);
      OptionalDouble seconds = is.ended() ? OptionalDouble.empty() : measured(run);
      List<String> row = new ArrayList<>(List.of(Integer.toString(runs.size() + 1)));
      row.addAll(run.values().values());
      row.add(Long.toString(run.seed()));
      row.add(is.status().text());
      row.add(seconds.isPresent() ? Quantities.duration(seconds.getAsDouble()) : "");
      table.row(row.toArray(String[]::new));
      runs.add(
          Json.object(
              "values",
              run.values(),
              "seed",
              run.seed(),
              "status",
              is.status().text(),
              SECONDS,
              seconds.isPresent() ? seconds.getAsDouble() : null));
      left += seconds.orElse(0);
    }
    table.print(console);
    console.result("left      about " + Quantities.duration(left) + " of training");
    return Json.object("runs", runs, "seconds_left", left, "folder", path.toString());
  }

  private OptionalDouble measured(PlannedRun run) throws IOException {
    if (estimates.seconds(run.configuration()).isEmpty()) {
      console.status("measuring " + run.configuration().get(TrainSettings.MODEL));
      estimates.learnRate(
          run.configuration(),
          Rehearsal.samplesPerSecond(run.configuration(), invocation, console));
    }
    return estimates.seconds(run.configuration());
  }

  /** Makes the runs that are left. */
  public Outcome run() throws IOException {
    try (ExperimentFolder folder = ExperimentFolder.open(path)) {
      look(folder);
      announce();
      List<PlannedRun> runs = grid.runs();
      String status = "failed";
      try {
        write(folder, "running", "");
        console.info("page      " + folder.path().resolve(ExperimentPage.FILE));
        boolean interrupted = false;
        for (int i = 0; i < runs.size() && !interrupted; i++) {
          if (!known.get(runs.get(i)).ended()) {
            interrupted = run(folder, runs.get(i), i + 1);
          }
        }
        status = interrupted ? "interrupted" : "finished";
      } finally {
        // A page that says "running" would be loaded again for ever.
        write(folder, status, "");
      }
      return end(folder, status);
    }
  }

  private void look(ExperimentFolder folder) throws IOException {
    for (PlannedRun run : grid.runs()) {
      KnownRun is = folder.find(run);
      known.put(run, is);
      learn(run, is);
    }
  }

  private void learn(PlannedRun run, KnownRun is) {
    estimates.learn(run.configuration(), is.figures().getOrDefault(SECONDS, Double.NaN));
  }

  private void announce() {
    List<String> factors = new ArrayList<>();
    grid.experiment()
        .axes()
        .forEach(axis -> factors.add(axis.points().size() + " of " + axis.name()));
    int repeats = grid.cells().get(0).runs().size();
    if (repeats > 1) {
      factors.add(repeats + " seeds");
    }
    long ended = known.values().stream().filter(KnownRun::ended).count();
    console.info("experiment " + grid.title());
    console.info(
        "runs      %d: %s%s"
            .formatted(
                grid.runs().size(),
                String.join(" x ", factors),
                ended == 0 ? "" : "; " + ended + " of them kept from earlier"));
    console.info("folder    " + path);
  }

  /** Makes one run and returns whether the user stopped it. */
  private boolean run(ExperimentFolder folder, PlannedRun run, int number) throws IOException {
    boolean resumes = known.get(run).status() == Status.STOPPED;
    Path place = resumes ? folder.path().resolve(known.get(run).folder()) : folder.clean(run);
    known.put(run, new KnownRun(Status.RUNNING, place.getFileName().toString(), Map.of()));
    String label = Cell.label(run.values()) + ", seed " + run.seed();
    write(folder, "running", label);
    int all = grid.runs().size();
    String head = "run " + " ".repeat(digits(all) - digits(number)) + number + "/" + all + "  ";
    long start = System.nanoTime();
    boolean interrupted = false;
    String came;
    try {
      TrainSession.Outcome outcome =
          new TrainSession(
                  invocation, console.part(head, System::nanoTime), train(run, place, resumes))
              .run();
      interrupted = outcome.interrupted();
      came = interrupted ? "interrupted" : figures(outcome.summary());
    } catch (DivergedException diverged) {
      came = "diverged: " + diverged.getMessage();
    } finally {
      known.put(run, folder.find(run));
    }
    learn(run, known.get(run));
    double training = known.get(run).figures().getOrDefault(SECONDS, Double.NaN);
    if (Double.isFinite(training) && !resumes) {
      startingSeconds += (System.nanoTime() - start) * 1e-9 - training;
      started++;
    }
    OptionalDouble left = secondsLeft();
    console.info(
        head
            + label
            + "  "
            + came
            + (left.isPresent() && left.getAsDouble() > 0
                ? "  left " + Quantities.duration(left.getAsDouble())
                : ""));
    return interrupted;
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }

  private static String figures(Map<String, Object> summary) {
    return "test accuracy %s  loss %s  %s"
        .formatted(
            Quantities.percent(number(summary, "test_accuracy")),
            Quantities.loss(number(summary, "test_loss")),
            Quantities.duration(number(summary, SECONDS)));
  }

  private static double number(Map<String, Object> tree, String key) {
    return tree.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private TrainSession.Request train(PlannedRun run, Path place, boolean resumes)
      throws IOException {
    Optional<RunDirectory> resumed =
        resumes ? Optional.of(RunDirectory.open(place)) : Optional.empty();
    Map<String, Object> published =
        grid.cells().stream()
            .filter(cell -> cell.runs().contains(run))
            .findFirst()
            .map(cell -> new LinkedHashMap<String, Object>(cell.published()))
            .orElseThrow();
    return new TrainSession.Request(
        run.configuration(),
        resumes ? Optional.empty() : Optional.of(place),
        resumed,
        Optional.empty(),
        false,
        0,
        request.version(),
        request.arguments(),
        Json.object("title", grid.title(), "values", run.values(), RunKeys.PUBLISHED, published));
  }

  /** Counts what runs take beside training too: reading data, measuring, writing. */
  private OptionalDouble secondsLeft() {
    double left = 0;
    double beside = started == 0 ? 0 : startingSeconds / started;
    for (Map.Entry<PlannedRun, KnownRun> entry : known.entrySet()) {
      if (!entry.getValue().ended()) {
        OptionalDouble seconds = estimates.seconds(entry.getKey().configuration());
        if (seconds.isEmpty()) {
          return seconds;
        }
        left += seconds.getAsDouble() + beside;
      }
    }
    return OptionalDouble.of(left);
  }

  private Map<String, Object> write(ExperimentFolder folder, String status, String now)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("lamina"));
    words.addAll(request.arguments());
    Map<String, Object> record = results.record(status, now, secondsLeft(), ShellCommand.of(words));
    folder.writeRecord(record);
    folder.write("results.csv", results.cellsCsv());
    folder.write("runs.csv", results.runsCsv());
    folder.write(ExperimentPage.FILE, ExperimentPage.of(record));
    return record;
  }

  private Outcome end(ExperimentFolder folder, String status) throws IOException {
    boolean interrupted = status.equals("interrupted");
    new ResultsTable(grid, results).print(console);
    console.info("results   " + folder.path().resolve("results.csv"));
    console.info("page      " + folder.path().resolve(ExperimentPage.FILE));
    if (interrupted) {
      console.result("interrupted; the same command goes on with it");
    }
    return new Outcome(interrupted, write(folder, status, ""), folder.path());
  }
}
