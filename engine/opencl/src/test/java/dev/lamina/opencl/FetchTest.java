package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.Event;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.graph.Graph;
import dev.lamina.graph.GraphBuilder;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.train.EpochReport;
import dev.lamina.train.Optimizer;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jocl.CL;
import org.jocl.cl_event;
import org.junit.jupiter.api.Test;

/** Results that are fetched while the device still works. */
class FetchTest {
  /** An event that we end ourselves stands in for the steps before. */
  @Test
  void fetchDoesNotWaitForTheWorkBefore() throws Exception {
    try (OpenClDevice device = (OpenClDevice) FirstDevice.open();
        OpenClArena arena = device.arena("test");
        PinnedBuffer pinned = device.pinned("results", 4)) {
      OpenClStream compute = device.compute();
      OpenClBuffer results = arena.allocate("results", 4);
      cl_event steps = CL.clCreateUserEvent(device.context(), null);
      CL.clRetainEvent(steps);
      Event fetched;
      try {
        compute.waitFor(new OpenClEvent(compute, steps));
        compute.upload(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), results);
        fetched =
            CompletableFuture.supplyAsync(() -> compute.fetch(results, pinned.bytes()))
                .get(30, TimeUnit.SECONDS);
        assertFalse(fetched.done());
      } finally {
        CL.clSetUserEventStatus(steps, CL.CL_COMPLETE);
        CL.clReleaseEvent(steps);
      }
      fetched.await();
      assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), pinned.bytes());
    }
  }

  /** More steps than the ring of results has cells, several times over. */
  @Test
  void resultsOfManyStepsAreThoseOfTheReference() {
    List<EpochReport> expected;
    try (Device reference = ReferenceDevice.open(ReferenceOptions.defaults())) {
      expected = train(reference);
    }
    try (Device device = FirstDevice.open()) {
      List<EpochReport> actual = train(device);
      for (int epoch = 0; epoch < expected.size(); epoch++) {
        assertEquals(expected.get(epoch).trainLoss(), actual.get(epoch).trainLoss(), 1e-4);
        assertEquals(expected.get(epoch).trainAccuracy(), actual.get(epoch).trainAccuracy(), 1e-9);
      }
    }
  }

  private static List<EpochReport> train(Device device) {
    int samples = 300;
    SampleSpec spec = SampleSpec.of(DataType.U8, 1, 3, 3, 4);
    byte[] pixels = new byte[samples * spec.bytes()];
    new Random(3).nextBytes(pixels);
    int[] labels = IntStream.range(0, samples).map(row -> row % spec.classes()).toArray();
    Normalization normalization = Normalization.pixels(List.of(0.5f), List.of(0.3f));
    Dataset data = InMemoryDataset.ofPixels("noise", spec, normalization, pixels, labels);
    GraphBuilder g = new GraphBuilder("linear");
    Graph graph = g.build(g.linear("only", g.input("image", TensorSpec.f32(1, 1, 3, 3)), 4));
    TrainingOptions options =
        TrainingOptions.defaults()
            .withEpochs(2)
            .withBatchSize(1)
            .withOptimizer(new Optimizer.Sgd(0, false, 0), 0.01f);
    try (Model model = Model.create(device, graph, 7, new Choices())) {
      return Trainer.fit(model, data, options).epochs();
    }
  }
}
