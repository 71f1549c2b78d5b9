package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.testkit.ReferenceDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionLanesTest {
  /** Rows of three classes are twelve bytes long: no multiple of any alignment. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void everyLaneWritesItsOwnRows(int lanes) throws Exception {
    Choices choices = new Choices();
    choices.decide("prediction 64/lanes", Integer.toString(lanes));
    int samples = 200;
    ExecutorService callers = Executors.newFixedThreadPool(48);
    try (Device device = ReferenceDevice.open();
        Model model = Model.create(device, TinyNetwork.graph(), 5, choices);
        Predictor predictor = new Predictor(model, TinyNetwork.SPEC, TinyNetwork.NORMALIZATION)) {
      List<float[]> expected = new ArrayList<>();
      for (int i = 0; i < samples; i++) {
        expected.add(predictor.predict(pixels(i)));
      }
      List<CompletableFuture<float[]>> answers = new ArrayList<>();
      for (int i = 0; i < samples; i++) {
        byte[] pixels = pixels(i);
        answers.add(CompletableFuture.supplyAsync(() -> predictor.predict(pixels), callers));
      }
      for (int i = 0; i < samples; i++) {
        assertArrayEquals(expected.get(i), answers.get(i).get(), 1e-6f);
      }
    } finally {
      callers.shutdown();
    }
  }

  private static byte[] pixels(int seed) {
    byte[] pixels = new byte[TinyNetwork.SPEC.bytes()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (seed * 31 + i * seed);
    }
    return pixels;
  }
}
