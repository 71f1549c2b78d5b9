package dev.lamina.train;

import dev.lamina.exec.Model;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.exec.TensorTransfer;
import dev.lamina.graph.Graph;
import dev.lamina.io.FormatException;
import dev.lamina.io.SafetensorsReader;
import dev.lamina.io.SafetensorsWriter;
import dev.lamina.io.StoredTensor;
import dev.lamina.io.StoredType;
import dev.lamina.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A run on disk: parameters, statistics, optimizer state and position in one safetensors file.
 * Tensors are in canonical order, so a checkpoint moves between devices and to other programs;
 * parameters and statistics keep their names, optimizer state {@code i} of one is called {@code
 * optimizer.i.NAME}, its moving average {@code average.NAME}.
 */
public final class Checkpoint {
  private static final String FORMAT = "format";
  private static final String FORMAT_NAME = "lamina-checkpoint-1";
  private static final String MODEL = "model";
  private static final String SEED = "seed";
  private static final String OPTIMIZER = "optimizer";
  private static final String AVERAGE = "average";

  private final Path file;
  private final Map<String, String> metadata;
  private final Map<String, StoredTensor> tensors;
  private final Position position;

  private Checkpoint(
      Path file,
      Map<String, String> metadata,
      Map<String, StoredTensor> tensors,
      Position position) {
    this.file = file;
    this.metadata = metadata;
    this.tensors = tensors;
    this.position = position;
  }

  /**
   * Saves a run; the file is replaced whole or not at all.
   *
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public static void save(Path file, TrainingRun run) throws IOException {
    Model model = run.model();
    Position position = run.position();
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .metadata(FORMAT, FORMAT_NAME)
            .metadata(MODEL, model.graph().name())
            .metadata(SEED, Long.toString(run.options().seed()))
            .metadata(OPTIMIZER, run.options().optimizer().name())
            .metadata("epoch", Integer.toString(position.epoch()))
            .metadata("batch", Integer.toString(position.batch()))
            .metadata("updates", Long.toString(position.updates()))
            .metadata("loss_sum", Double.toHexString(position.lossSum()))
            .metadata("correct", Long.toString(position.correct()))
            .metadata("rows", Long.toString(position.rows()))
            .metadata("best_loss", Double.toHexString(position.watch().best()))
            .metadata("best_epoch", Integer.toString(position.watch().bestEpoch()))
            .metadata("plateau_loss", Double.toHexString(position.watch().plateauBest()))
            .metadata("plateau_epochs", Integer.toString(position.watch().plateauEpochs()))
            .metadata("rate_factor", Double.toHexString(position.watch().rateFactor()));
    model.device().turn().lock();
    try (Source source = new Source(model)) {
      for (TensorName name : model.tensors()) {
        writer.tensor(
            stored(name),
            StoredType.F32,
            shape(model.graph(), name.parameter()),
            (first, chunk) -> source.fill(name, first, chunk));
      }
      writer.write(file);
    } finally {
      model.device().turn().unlock();
    }
  }

  /** Keeps the transfer of the tensor that is being written. */
  private static final class Source implements AutoCloseable {
    private final Model model;
    private TensorTransfer transfer;

    Source(Model model) {
      this.model = model;
    }

    void fill(TensorName name, long first, ByteBuffer chunk) {
      if (first == 0) {
        close();
        transfer = model.transfer(name);
      }
      transfer.read(first, chunk);
    }

    @Override
    public void close() {
      if (transfer != null) {
        transfer.close();
        transfer = null;
      }
    }
  }

  /**
   * Reads what a checkpoint holds; tensors stay on disk.
   *
   * @throws IOException if it cannot be read
   * @throws FormatException if it is damaged or not a checkpoint
   */
  public static Checkpoint open(Path file) throws IOException {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      Map<String, String> metadata = reader.metadata();
      if (!FORMAT_NAME.equals(metadata.get(FORMAT))) {
        throw new FormatException(
            file
                + " is not a checkpoint of this version: its format is "
                + metadata.getOrDefault(FORMAT, "not given")
                + ", expected "
                + FORMAT_NAME);
      }
      Position position;
      try {
        position =
            new Position(
                field(file, metadata, "epoch", Integer::valueOf),
                field(file, metadata, "batch", Integer::valueOf),
                field(file, metadata, "updates", Long::valueOf),
                field(file, metadata, "loss_sum", Double::valueOf),
                field(file, metadata, "correct", Long::valueOf),
                field(file, metadata, "rows", Long::valueOf),
                new Watch(
                    field(file, metadata, "best_loss", Double::valueOf),
                    field(file, metadata, "best_epoch", Integer::valueOf),
                    field(file, metadata, "plateau_loss", Double::valueOf),
                    field(file, metadata, "plateau_epochs", Integer::valueOf),
                    field(file, metadata, "rate_factor", Double::valueOf)));
      } catch (IllegalArgumentException negative) {
        throw new FormatException(file + " is damaged: " + negative.getMessage());
      }
      return new Checkpoint(file, metadata, reader.tensors(), position);
    }
  }

  private static <T> T field(
      Path file, Map<String, String> metadata, String key, Function<String, T> parse)
      throws FormatException {
    String text = metadata.get(key);
    try {
      if (text != null) {
        return parse.apply(text);
      }
    } catch (NumberFormatException notNumber) {
      // reported below, together with a missing field
    }
    throw new FormatException(file + " is damaged: its field \"" + key + "\" is " + text);
  }

  /** Returns where the run stood. */
  public Position position() {
    return position;
  }

  /** Returns the name of the model's graph. */
  public String model() {
    return metadata.getOrDefault(MODEL, "");
  }

  /**
   * Puts parameters, statistics and optimizer state into a model and the position into its run,
   * which must have been set up as the saved one was.
   *
   * @throws FormatException if tensors are missing, left over or of another shape; the model is
   *     then untouched
   */
  public void restore(TrainingRun run) throws IOException {
    Model model = run.model();
    List<TensorName> names = model.tensors();
    if (!run.options().optimizer().name().equals(metadata.get(OPTIMIZER))) {
      throw new FormatException(
          file
              + " holds state of optimizer "
              + metadata.get(OPTIMIZER)
              + ", but the run uses "
              + run.options().optimizer().name());
    }
    restore(model, names, Checkpoint::stored);
    run.resume(position);
  }

  /**
   * Puts parameters and statistics, without optimizer state, into a model whose plans have been
   * made. Where the run kept a moving average of its parameters, that takes the parameters' place.
   *
   * @throws FormatException if tensors are missing, left over or of another shape; the model is
   *     then untouched
   */
  public void restoreParameters(Model model) throws IOException {
    restore(model, model.values(), this::averagedOrStored);
    inTurn(model, model::beginAverage);
  }

  private static void inTurn(Model model, Runnable action) {
    model.device().turn().lock();
    try {
      action.run();
    } finally {
      model.device().turn().unlock();
    }
  }

  private String averagedOrStored(TensorName name) {
    String average = stored(new TensorName(name.parameter(), TensorName.AVERAGE));
    return tensors.containsKey(average) ? average : stored(name);
  }

  private void restore(Model model, List<TensorName> names, Function<TensorName, String> source)
      throws IOException {
    List<String> wrong = new ArrayList<>();
    for (TensorName name : names) {
      StoredTensor found = tensors.get(source.apply(name));
      Shape expected = shape(model.graph(), name.parameter());
      if (found == null) {
        wrong.add(source.apply(name) + " is missing");
      } else if (found.type() != StoredType.F32 || !found.shape().equals(expected)) {
        wrong.add(source.apply(name) + " is " + found + ", expected f32" + expected);
      }
    }
    for (String name : tensors.keySet()) {
      boolean known = names.stream().anyMatch(tensor -> stored(tensor).equals(name));
      if (!known && !name.startsWith(OPTIMIZER + ".") && !name.startsWith(AVERAGE + ".")) {
        wrong.add(name + " is not of this model");
      }
    }
    if (!wrong.isEmpty()) {
      throw new FormatException(
          file
              + " does not fit model "
              + model.graph().name()
              + ": "
              + String.join("; ", wrong.subList(0, Math.min(4, wrong.size())))
              + (wrong.size() > 4 ? "; and " + (wrong.size() - 4) + " more" : ""));
    }
    model.device().turn().lock();
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      for (TensorName name : names) {
        try (TensorTransfer transfer = model.transfer(name)) {
          reader.read(source.apply(name), transfer::write);
          transfer.finish();
        }
      }
    } finally {
      model.device().turn().unlock();
    }
  }

  private static String stored(TensorName name) {
    return switch (name.state()) {
      case TensorName.PARAMETER, TensorName.STATISTIC -> name.parameter();
      case TensorName.AVERAGE -> AVERAGE + "." + name.parameter();
      default -> OPTIMIZER + "." + name.state() + "." + name.parameter();
    };
  }

  private static Shape shape(Graph graph, String parameter) {
    return Stream.concat(graph.parameters().stream(), graph.statistics().stream())
        .filter(candidate -> candidate.name().equals(parameter))
        .findFirst()
        .orElseThrow()
        .value()
        .spec()
        .shape();
  }
}
