package dev.lamina.bench.peers.lamina;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Keys;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.Schedule;
import dev.lamina.exec.Slabs;
import dev.lamina.graph.StepGraph.Purpose;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The prediction plan, launched batch after batch; probabilities stay on the device. */
final class LaminaInference implements InferenceSession {
  private final Device device;
  private final Workload workload;
  private final DeviceBuffer cursor;
  private final PinnedBuffer batchNumbers;
  private final DeviceBuffer probabilities;
  private final ExecutionPlan plan;
  private final ResourceStack resources = new ResourceStack();

  private int next;

  /** Makes the session, which owns the device from here on. */
  LaminaInference(Device device, Setup setup) {
    this.device = device;
    workload = setup.workload();
    resources.push(device);
    try {
      ResidentModel network =
          resources.push(new ResidentModel(device, workload, setup.nativeCache()));
      cursor = network.bound().get(Keys.CURSOR);
      batchNumbers =
          resources.push(device.pinned("batch numbers", (long) workload.batches() * Integer.BYTES));
      for (int batch = 0; batch < workload.batches(); batch++) {
        batchNumbers.bytes().putInt(batch * Integer.BYTES, batch);
      }
      DeviceArena arena = resources.push(device.arena("results"));
      long values = (long) workload.batchSize() * workload.network().classes();
      probabilities = arena.allocate("probabilities", values * Float.BYTES);
      Schedule schedule =
          network.model().inference(Purpose.PREDICTION, network.feed(), workload.batchSize());
      network.writeInitialValues();
      Slabs slabs = resources.push(Slabs.allocate(device, List.of(schedule)));
      Map<String, DeviceBuffer> bound = new HashMap<>(network.bound());
      bound.put(Keys.PROBABILITIES, probabilities);
      plan = resources.push(network.model().plan(schedule, slabs, bound));
    } catch (RuntimeException | Error failure) {
      resources.close();
      throw failure;
    }
  }

  @Override
  public void run(int steps) {
    for (int i = 0; i < steps; i++) {
      launch(next);
      next = (next + 1) % workload.batches();
    }
    device.compute().sync();
  }

  @Override
  public float[] firstProbabilities() {
    try (PinnedBuffer host = device.pinned("probabilities", probabilities.bytes())) {
      Stream stream = device.compute();
      launch(0);
      stream.download(probabilities, host.bytes().clear());
      stream.sync();
      float[] values = new float[(int) (probabilities.bytes() / Float.BYTES)];
      host.bytes().clear().asFloatBuffer().get(values);
      return values;
    }
  }

  /** A prediction does not move the cursor on, so it is told where to look. */
  private void launch(int batch) {
    ByteBuffer number = batchNumbers.bytes().clear();
    number.position(batch * Integer.BYTES).limit((batch + 1) * Integer.BYTES);
    device.compute().upload(number, cursor);
    plan.launch();
  }

  @Override
  public void close() {
    resources.close();
  }
}
