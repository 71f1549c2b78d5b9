package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Wherever memory ends while something is set up, what was opened until then is closed again. */
@ExtendWith(LeakCheck.class)
class ScarceMemoryTest {
  private static final Dataset DATA = TinyNetwork.dataset(10);
  private static final int SMALLEST = 1 << 10;
  private static final int LARGEST = 1 << 20;

  /** Sets something up and closes it again. */
  private interface SetUp {
    void tryOn(Model model);
  }

  /**
   * Its values take more memory than its activations, so that folding them can be the last straw.
   */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder("scarce");
    Value x = g.input("image", TensorSpec.f32(1, 1, 6, 6));
    x = g.relu(g.conv2d("conv1", x, 32, Window.of(6)));
    x = g.relu(g.batchNorm2d("bn", g.conv2d("conv2", x, 32, Window.of(3).pad(1), 1, false)));
    return g.build(g.linear("fc", g.globalAvgPool2d("avgpool", x), 3));
  }

  private static void train(Model model, Residency residency) {
    TrainingOptions options =
        TrainingOptions.defaults()
            .withBatchSize(4)
            .withAccumulate(2)
            .withAverage(0.9f)
            .withOptimizer(new Optimizer.Sgd(0.9f, false, 0f), 0.1f)
            .withResidency(residency);
    Trainer.start(model, DATA, Optional.of(DATA), options).close();
  }

  static Stream<Arguments> setUps() {
    SetUp streamed = model -> train(model, Residency.NEVER);
    SetUp resident = model -> train(model, Residency.ALWAYS);
    SetUp evaluated = model -> new Evaluator(model, DATA).close();
    SetUp predicted = model -> new Predictor(model, DATA.spec(), DATA.normalization()).close();
    return Stream.of(ReferenceOptions.defaults(), ReferenceOptions.defaults().likeGpu())
        .flatMap(
            device ->
                Stream.of(streamed, resident, evaluated, predicted)
                    .map(setUp -> Arguments.of(device, setUp)));
  }

  @ParameterizedTest
  @MethodSource("setUps")
  void leavesNothingOpen(ReferenceOptions options, SetUp setUp) {
    int refused = 0;
    for (int limit = SMALLEST; limit < LARGEST; limit += limit / 8) {
      try (Device device = ReferenceDevice.open(options.withMemory(LARGEST, limit));
          Model model = Model.create(device, graph(), 5, new Choices())) {
        setUp.tryOn(model);
        assertTrue(refused > 3, "refused " + refused + " times before " + limit + " bytes");
        return;
      } catch (DeviceOutOfMemoryException expected) {
        refused++;
      }
    }
    throw new AssertionError("never enough");
  }
}
