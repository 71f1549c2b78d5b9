package dev.lamina.task;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.ScheduleBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A task graph ready to run on its device; close it before the device. Used by one thread. */
public final class TaskPlan implements AutoCloseable {
  private record Staged(HostArray array, DeviceBuffer buffer, PinnedBuffer staging) {}

  private final Device device;
  private final ExecutionPlan plan;
  private final Map<HostArray, Staged> arrays = new HashMap<>();
  private final List<TaskGraph.Move> toDevice;
  private final List<TaskGraph.Move> toHost;
  private final boolean profiled;
  private final ResourceStack resources = new ResourceStack();
  private boolean first = true;

  /** Builds the plan; the caller holds the device's turn. */
  TaskPlan(
      Device device,
      ScheduleBuilder schedule,
      Map<String, HostArray> named,
      List<TaskGraph.Move> toDevice,
      List<TaskGraph.Move> toHost,
      boolean profiled,
      int warmUps) {
    this.device = device;
    this.toDevice = List.copyOf(toDevice);
    this.toHost = List.copyOf(toHost);
    this.profiled = profiled;
    try {
      plan = resources.push(ExecutionPlan.build(device, schedule.build(), Map.of()));
      for (HostArray array : named.values()) {
        PinnedBuffer staging = resources.push(device.pinned(array.name(), array.spec().bytes()));
        DeviceBuffer buffer = plan.buffer(schedule.planned(array.name()));
        arrays.put(array, new Staged(array, buffer, staging));
      }
      warmUp(warmUps);
    } catch (RuntimeException | Error failure) {
      resources.close();
      throw failure;
    }
  }

  private void warmUp(int runs) {
    if (runs == 0) {
      return;
    }
    for (int run = 0; run < runs; run++) {
      plan.launch();
    }
    for (Staged staged : arrays.values()) {
      ByteBuffer zeros = staged.staging().bytes().clear();
      while (zeros.hasRemaining()) {
        zeros.put((byte) 0);
      }
      device.compute().upload(zeros.clear(), staged.buffer());
    }
    device.compute().sync();
  }

  /** Runs transfers and tasks once, and waits for them. */
  public ExecutionResult execute() {
    device.turn().lock();
    try {
      long start = System.nanoTime();
      List<ExecutionResult.TransferTime> transfers = new ArrayList<>();
      for (TaskGraph.Move move : toDevice) {
        if (first || move.mode() == TransferMode.EVERY_EXECUTION) {
          transfers.add(send(arrays.get(move.array())));
        }
      }
      first = false;
      List<ExecutionResult.TaskTime> tasks = run();
      for (TaskGraph.Move move : toHost) {
        if (move.mode() != TransferMode.UNDER_DEMAND) {
          transfers.add(receive(arrays.get(move.array())));
        }
      }
      device.compute().sync();
      long nanos = System.nanoTime() - start;
      return new ExecutionResult(nanos, profiled, tasks, profiled ? transfers : List.of());
    } finally {
      device.turn().unlock();
    }
  }

  private List<ExecutionResult.TaskTime> run() {
    if (!profiled) {
      plan.launch();
      return List.of();
    }
    return plan.timedRun().stream()
        .map(
            timing ->
                new ExecutionResult.TaskTime(
                    timing.task().name(), timing.nanos(), timing.task().call().cost()))
        .toList();
  }

  /**
   * Fetches an array as the last execution left it.
   *
   * @throws IllegalArgumentException if the graph does not have the array
   */
  public void fetch(HostArray array) {
    Staged staged = arrays.get(array);
    if (staged == null) {
      throw new IllegalArgumentException(
          "array " + array + " is not of this plan, which has " + arrays.keySet());
    }
    device.turn().lock();
    try {
      receive(staged);
    } finally {
      device.turn().unlock();
    }
  }

  /** Returns the table of tasks, layouts and memory. */
  public String explain() {
    return plan.explain();
  }

  private ExecutionResult.TransferTime send(Staged staged) {
    ByteBuffer staging = staged.staging().bytes().clear().order(ByteOrder.nativeOrder());
    staged.array().put(staging);
    staging.clear();
    long start = System.nanoTime();
    device.compute().upload(staging, staged.buffer());
    return timed(staged, true, start);
  }

  private ExecutionResult.TransferTime receive(Staged staged) {
    long start = System.nanoTime();
    device.compute().download(staged.buffer(), staged.staging().bytes().clear());
    device.compute().sync();
    ByteBuffer staging = staged.staging().bytes().clear().order(ByteOrder.nativeOrder());
    staged.array().get(staging);
    return timed(staged, false, start);
  }

  private ExecutionResult.TransferTime timed(Staged staged, boolean toDevice, long start) {
    if (profiled) {
      device.compute().sync();
    }
    long nanos = System.nanoTime() - start;
    return new ExecutionResult.TransferTime(
        staged.array().name(), toDevice, staged.buffer().bytes(), nanos);
  }

  @Override
  public void close() {
    device.turn().lock();
    try {
      resources.close();
    } finally {
      device.turn().unlock();
    }
  }
}
