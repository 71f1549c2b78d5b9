package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.data.DataException;
import dev.lamina.data.Dataset;
import dev.lamina.device.Device;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.exec.Slabs;
import dev.lamina.graph.Loss;
import dev.lamina.metric.Tally;
import dev.lamina.testkit.LeakCheck;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class EvaluatorTest {
  /** Two batches of an evaluation. */
  private static final int SIZE = 300;

  @Test
  void anEvaluationThatBrokeOffMayBeRepeated() {
    DataException reason = new DataException("file x is damaged");
    AtomicBoolean damaged = new AtomicBoolean(true);
    Dataset data =
        new HeldDataset(
            TinyNetwork.dataset(SIZE),
            index -> {
              if (index == SIZE - 1 && damaged.get()) {
                throw reason;
              }
            });
    for (ReferenceOptions options :
        List.of(ReferenceOptions.defaults(), ReferenceOptions.defaults().likeGpu())) {
      damaged.set(true);
      try (Device device = ReferenceDevice.open(options);
          Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices());
          Evaluator evaluator =
              new Evaluator(model, data, Loss.crossEntropy(), Residency.NEVER, 2);
          Slabs slabs = Slabs.allocate(device, evaluator.schedules())) {
        evaluator.build(slabs);
        for (int failing = 0; failing < 2; failing++) {
          assertSame(reason, assertThrows(DataException.class, evaluator::evaluate));
        }
        damaged.set(false);
        Tally repeated = evaluator.evaluate();
        assertEquals(SIZE, repeated.rows());
        try (Evaluator other = new Evaluator(model, data)) {
          Tally expected = other.evaluate();
          assertEquals(expected.correct(), repeated.correct());
          assertEquals(expected.lossSum(), repeated.lossSum());
        }
      }
    }
  }
}
