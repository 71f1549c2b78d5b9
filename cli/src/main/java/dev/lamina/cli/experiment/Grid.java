package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Given;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.train.TrainSession;
import dev.lamina.datasets.UnknownDatasetException;
import dev.lamina.models.UnknownModelException;
import dev.lamina.tensor.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All runs of an experiment, each with its settings resolved and found to be possible before the
 * first one starts.
 */
record Grid(Experiment experiment, String title, List<Cell> cells) {
  private static final int MOST_RUNS = 10_000;

  /**
   * How the command line asks for the experiment.
   *
   * @param shortForm whether its short form is wanted
   * @param repeats in place of the file's
   * @param flags settings in place of the base's
   */
  record Wanted(boolean shortForm, Optional<Integer> repeats, Map<Setting<?>, String> flags) {}

  /**
   * Lays out the runs: combinations in the order of the file, the last axis varying fastest.
   *
   * @throws UsageException if a run is impossible; the message names the line
   */
  static Grid of(Experiment experiment, Wanted wanted, Invocation invocation, Console console) {
    Map<String, String> variables = invocation.variables();
    requireFree(experiment, wanted, variables);
    int repeats = repeats(experiment, wanted);
    List<List<Axis.Point>> combinations = combinations(experiment);
    if ((long) combinations.size() * repeats > MOST_RUNS) {
      throw tooMany(experiment);
    }
    List<Map<Setting<?>, Given>> bases = new ArrayList<>();
    if (wanted.shortForm()) {
      bases.add(experiment.shortened());
    }
    bases.add(experiment.base());
    List<Cell> cells = new ArrayList<>();
    for (List<Axis.Point> points : combinations) {
      Map<String, String> values = new LinkedHashMap<>();
      Map<Setting<?>, Given> varied = new LinkedHashMap<>();
      Map<String, Double> published = new LinkedHashMap<>();
      for (int i = 0; i < points.size(); i++) {
        values.put(experiment.axes().get(i).name(), points.get(i).label());
        varied.putAll(points.get(i).settings());
        published.putAll(points.get(i).published());
      }
      List<PlannedRun> runs = new ArrayList<>();
      long first =
          Configuration.resolve(varied, wanted.flags(), variables, bases).get(TrainSettings.SEED);
      for (int repeat = 0; repeat < repeats; repeat++) {
        long seed = experiment.seeds().isEmpty() ? first + repeat : experiment.seeds().get(repeat);
        varied.put(TrainSettings.SEED, new Given(Long.toString(seed), experiment.file()));
        Configuration configuration =
            Configuration.resolve(varied, wanted.flags(), variables, bases);
        if (repeat == 0) {
          check(configuration, invocation, console);
        }
        runs.add(new PlannedRun(values, configuration));
      }
      cells.add(new Cell(values, published, runs));
    }
    // Whoever sees its figures beside published ones must know.
    String title = experiment.title() + (wanted.shortForm() ? " (short form)" : "");
    return new Grid(experiment, title, cells);
  }

  /** A flag that overrides what is being compared would make the experiment say nothing. */
  private static void requireFree(
      Experiment experiment, Wanted wanted, Map<String, String> variables) {
    for (Axis axis : experiment.axes()) {
      for (Axis.Point point : axis.points()) {
        point
            .settings()
            .forEach(
                (setting, given) -> {
                  boolean flag = wanted.flags().containsKey(setting);
                  if (flag || !variables.getOrDefault(setting.variable(), "").isEmpty()) {
                    throw new UsageException(
                        "%s cannot be given: %s varies it (%s)"
                            .formatted(
                                flag ? setting.option() : setting.variable(),
                                experiment.file(),
                                given.origin()));
                  }
                });
      }
    }
  }

  private static int repeats(Experiment experiment, Wanted wanted) {
    boolean listed = !experiment.seeds().isEmpty();
    if (listed
        && (wanted.repeats().isPresent() || wanted.flags().containsKey(TrainSettings.SEED))) {
      throw new UsageException(
          experiment.file() + " lists its seeds: neither --repeats nor --seed can be given");
    }
    Optional<Integer> ofShort =
        wanted.shortForm() ? experiment.shortRepeats() : Optional.<Integer>empty();
    return wanted.repeats().or(() -> ofShort).orElse(experiment.repeats());
  }

  private static List<List<Axis.Point>> combinations(Experiment experiment) {
    List<List<Axis.Point>> combinations = List.of(List.of());
    for (Axis axis : experiment.axes()) {
      List<List<Axis.Point>> longer = new ArrayList<>();
      for (List<Axis.Point> before : combinations) {
        for (Axis.Point point : axis.points()) {
          List<Axis.Point> combination = new ArrayList<>(before);
          combination.add(point);
          longer.add(combination);
        }
      }
      combinations = longer;
      if (combinations.size() > MOST_RUNS) {
        throw tooMany(experiment);
      }
    }
    return combinations;
  }

  private static UsageException tooMany(Experiment experiment) {
    return new UsageException(
        "%s asks for more than the %,d runs that make an experiment"
            .formatted(experiment.file(), MOST_RUNS));
  }

  /** Finds out that names exist and the network fits, and says which line if not. */
  private static void check(Configuration configuration, Invocation invocation, Console console) {
    try {
      TrainSession.check(configuration, invocation, console);
    } catch (UnknownDatasetException unknown) {
      throw at(configuration, TrainSettings.DATASET, unknown);
    } catch (UnknownModelException | ShapeException unfit) {
      throw at(configuration, TrainSettings.MODEL, unfit);
    }
  }

  private static UsageException at(
      Configuration configuration, Setting<?> setting, RuntimeException problem) {
    return new UsageException(configuration.origin(setting) + ": " + problem.getMessage());
  }

  /** Returns all runs, in the order in which to make them: each combination once, then again. */
  List<PlannedRun> runs() {
    List<PlannedRun> runs = new ArrayList<>();
    int repeats = cells.get(0).runs().size();
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (Cell cell : cells) {
        runs.add(cell.runs().get(repeat));
      }
    }
    return runs;
  }
}
