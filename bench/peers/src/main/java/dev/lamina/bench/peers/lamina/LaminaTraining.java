package dev.lamina.bench.peers.lamina;

import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
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
import dev.lamina.exec.UpdateRule;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.train.Optimizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The training plan, launched step after step; the update is a part of it. */
final class LaminaTraining implements TrainingSession {
  private static final int CELL_BYTES = SoftmaxCrossEntropy.CELL * Float.BYTES;

  private final Device device;
  private final Workload workload;
  private final DeviceBuffer ring;
  private final PinnedBuffer hostRing;
  private final ExecutionPlan plan;
  private final ResourceStack resources = new ResourceStack();

  private long steps;

  /** Makes the session, which owns the device from here on. */
  LaminaTraining(Device device, Setup setup) {
    this.device = device;
    workload = setup.workload();
    resources.push(device);
    try {
      ResidentModel network =
          resources.push(new ResidentModel(device, workload, setup.nativeCache()));
      // As many cells as there are tables: the cursor goes through both.
      long ringBytes = (long) workload.batches() * CELL_BYTES;
      DeviceArena arena = resources.push(device.arena("losses"));
      ring = arena.allocate("ring", ringBytes);
      hostRing = resources.push(device.pinned("losses", ringBytes));
      UpdateRule rule =
          new UpdateRule(
              Optional.of(new Optimizer.Sgd(Workload.MOMENTUM, false, 0).op()), 0, 0, false);
      Schedule schedule = network.model().training(network.feed(), workload.batchSize(), rule);
      network.writeInitialValues();
      Slabs slabs = resources.push(Slabs.allocate(device, List.of(schedule)));
      Map<String, DeviceBuffer> bound = new HashMap<>(network.bound());
      bound.put(Keys.RING, ring);
      plan = resources.push(network.model().plan(schedule, slabs, bound));
    } catch (RuntimeException | Error failure) {
      resources.close();
      throw failure;
    }
  }

  @Override
  public void run(int steps) {
    for (int i = 0; i < steps; i++) {
      plan.launch();
    }
    device.compute().sync();
    this.steps += steps;
  }

  @Override
  public float[] runForLosses(int steps) {
    float[] losses = new float[steps];
    for (int i = 0; i < steps; i++) {
      int cell = (int) (this.steps % workload.batches()) * CELL_BYTES;
      plan.launch();
      this.steps++;
      Stream stream = device.compute();
      stream.download(ring, hostRing.bytes().clear());
      stream.sync();
      float sum = hostRing.bytes().getFloat(cell + SoftmaxCrossEntropy.LOSS * Float.BYTES);
      losses[i] = sum / workload.batchSize();
    }
    return losses;
  }

  @Override
  public OptionalLong updateNanos() {
    return OptionalLong.empty();
  }

  @Override
  public void close() {
    resources.close();
  }
}
