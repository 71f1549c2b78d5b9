package dev.lamina.train;

import dev.lamina.exec.Model;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.exec.TensorTransfer;
import dev.lamina.io.FormatException;
import dev.lamina.io.SafetensorsReader;
import dev.lamina.io.StoredTensor;
import dev.lamina.io.StoredType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Values of another training, as a beginning for this one: any safetensors file whose tensors have
 * the names of the model's parameters and statistics. The networks of the catalogue have
 * torchvision's names; checkpoints serve as well.
 */
public final class PretrainedWeights {
  private PretrainedWeights() {}

  /**
   * What became of a file's tensors.
   *
   * @param taken the model's tensors that now have the file's values
   * @param misfits those that are of another shape or type in the file and stay as they were, each
   *     with both
   * @param missing those that the file does not have
   */
  public record Report(List<String> taken, List<String> misfits, List<String> missing) {
    /** Copies the lists. */
    public Report {
      taken = List.copyOf(taken);
      misfits = List.copyOf(misfits);
      missing = List.copyOf(missing);
    }
  }

  /**
   * Puts the file's values into a model whose plans have been made.
   *
   * @throws FormatException if the file is damaged, or has nothing of the model; the model is then
   *     untouched
   */
  public static Report load(Path file, Model model) throws IOException {
    List<String> taken = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    model.device().turn().lock();
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      for (TensorName name : model.values()) {
        StoredTensor found = reader.tensors().get(name.parameter());
        if (found == null) {
          missing.add(name.parameter());
          continue;
        }
        try (TensorTransfer transfer = model.transfer(name)) {
          boolean fits =
              found.type() == StoredType.F32 && found.shape().equals(transfer.spec().shape());
          if (!fits) {
            misfits.add(name.parameter() + ", " + found + " for " + transfer.spec());
            continue;
          }
          reader.read(name.parameter(), transfer::write);
          transfer.finish();
        }
        taken.add(name.parameter());
      }
      model.beginAverage();
    } finally {
      model.device().turn().unlock();
    }
    if (taken.isEmpty()) {
      throw new FormatException(
          "%s has nothing for model %s: %s"
              .formatted(
                  file,
                  model.graph().name(),
                  misfits.isEmpty()
                      ? "no tensor is called " + missing.get(0) + " or like another of its own"
                      : misfits.get(0)));
    }
    return new Report(taken, misfits, missing);
  }
}
