package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.cli.console.Console;
import dev.lamina.cli.console.Invocation;
import dev.lamina.cli.console.Quantities;
import dev.lamina.cli.json.Json;
import dev.lamina.cli.run.RunDirectory;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.Renormalized;
import dev.lamina.device.Device;
import dev.lamina.device.Devices;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.metric.Predictions;
import dev.lamina.metric.Tally;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.Evaluator;
import dev.lamina.train.Predictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Measures the model of an earlier run on the test samples of its data set. */
public final class Evaluation {
  private final Invocation invocation;
  private final Console console;

  /** Makes evaluations for one call. */
  public Evaluation(Invocation invocation, Console console) {
    this.invocation = invocation;
    this.console = console;
  }

  /**
   * Measures a checkpoint of the run.
   *
   * @param best whether to take that of the lowest validation loss, in place of the last
   * @param flags settings in place of the run's: device, threads, folder of the data
   * @return what was measured, as JSON
   */
  public Map<String, Object> evaluate(
      RunDirectory directory, boolean best, Map<Setting<?>, String> flags) throws IOException {
    RunRecord record = RunRecord.read(directory);
    Configuration configuration =
        Configuration.resume(directory.recordFile(), record.configuration(), flags);
    Checkpoint checkpoint = checkpoint(directory, best);
    Setup setup = new Setup(configuration, invocation, console);
    Devices.Selection selection = setup.device();
    try (Device device = setup.open(selection)) {
      console.info("device    " + Announcement.firstLine(selection, device));
      DataSplits data = setup.data();
      record.samples().ifPresent(setup::normalizeAs);
      Dataset trained = setup.samples(data).train();
      Dataset test = Renormalized.of(data.test(), trained.normalization());
      Graph graph = setup.graph(data);
      Choices choices = choices(record, invocation, device, graph);
      long seed = configuration.get(TrainSettings.SEED);
      try (Model model = Model.create(device, graph, seed, choices);
          Evaluator evaluator = new Evaluator(model, test, setup.loss(trained))) {
        checkpoint.restoreParameters(model);
        Tally tally = evaluator.evaluate();
        int epoch = checkpoint.position().epoch();
        console.result(
            "%s after %s epochs on %s test samples of %s: accuracy %s, loss %s"
                .formatted(
                    configuration.get(TrainSettings.MODEL),
                    epoch,
                    Quantities.count(tally.rows()),
                    test.name(),
                    Quantities.percent(tally.accuracy()),
                    Quantities.loss(tally.loss())));
        Map<String, Object> answer =
            Json.object(
                "run", directory.path().toString(),
                "model", configuration.get(TrainSettings.MODEL));
        answer.putAll(look(directory, !best && record.isOf(data), model, test, epoch, tally));
        return answer;
      }
    }
  }

  /**
   * Looks at single answers.
   *
   * @param own whether the run may keep what is found, if it has not kept it itself
   */
  private Map<String, Object> look(
      RunDirectory directory, boolean own, Model model, Dataset test, int epoch, Tally tally)
      throws IOException {
    if (!Double.isFinite(tally.loss())) {
      console.warn("the loss is not finite: the network's answers say nothing");
      return Json.object(
          "dataset", test.name(),
          "split", "test",
          "epoch", epoch,
          "samples", tally.rows(),
          "accuracy", tally.accuracy(),
          "loss", tally.loss());
    }
    Predictions predictions = predict(model, test);
    new EvaluationText(console, test, predictions).print();
    Map<String, Object> found =
        EvaluationRecord.of(test, epoch, tally.accuracy(), tally.loss(), predictions);
    boolean kept =
        directory
            .evaluation()
            .map(earlier -> Long.valueOf(epoch).equals(earlier.get("epoch")))
            .orElse(false);
    if (own && !kept) {
      directory.writeEvaluation(found);
    }
    return EvaluationRecord.withoutPictures(found);
  }

  /** Opens the run's checkpoint of the lowest validation loss, or its last one. */
  static Checkpoint checkpoint(RunDirectory directory, boolean best) throws IOException {
    Path file = directory.checkpoint(best ? RunDirectory.BEST : RunDirectory.LAST);
    if (!Files.exists(file)) {
      throw new UsageException(
          directory.path()
              + (best
                  ? " has no best checkpoint: it was not trained with --validation-split"
                  : " has no checkpoint: it has not ended an epoch"));
    }
    return Checkpoint.open(file);
  }

  /** Returns the run's choices where they mean something, else those remembered for the device. */
  static Choices choices(RunRecord record, Invocation invocation, Device device, Graph graph)
      throws IOException {
    return record.isOn(device)
        ? record.choices()
        : ChoiceStore.of(invocation.cacheFolder(), device, graph).load();
  }

  static Predictions predict(Model model, Dataset dataset) {
    try (Predictor predictor = new Predictor(model, dataset.spec(), dataset.normalization())) {
      return predictor.predict(dataset);
    }
  }
}
