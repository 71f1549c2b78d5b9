package dev.lamina.task;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Peak;
import dev.lamina.exec.Profile;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.ScheduleBuilder;
import dev.lamina.op.Cost;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A task graph ready to run on its device; close it before the device. Used by one thread. */
public final class TaskPlan implements AutoCloseable {
  private record Staged(HostArray array, DeviceBuffer buffer, PinnedBuffer staging) {}

  private final Device device;
  private final ExecutionPlan plan;
  private final Map<HostArray, Staged> arrays = new HashMap<>();
  private final List<TaskGraph.Move> toDevice;
  private final List<TaskGraph.Move> toHost;
  private final boolean profiled;
  private final Optional<Peak> peak;
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
      peak = profiled ? Optional.of(Peak.measure(device)) : Optional.empty();
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
      List<Profile.Span> spans = new ArrayList<>();
      for (TaskGraph.Move move : toDevice) {
        if (first || move.mode() == TransferMode.EVERY_EXECUTION) {
          send(arrays.get(move.array()), spans);
        }
      }
      first = false;
      if (profiled) {
        List<ExecutionPlan.Timing> timings = plan.timedRun();
        spans.addAll(Profile.of(device, name(), timings).spans());
      } else {
        plan.launch();
      }
      receive(
          toHost.stream()
              .filter(move -> move.mode() != TransferMode.UNDER_DEMAND)
              .map(move -> arrays.get(move.array()))
              .toList(),
          spans);
      long nanos = System.nanoTime() - start;
      return new ExecutionResult(
          nanos,
          profiled
              ? Optional.of(new Profile(name(), device.info().name(), spans, peak))
              : Optional.empty());
    } finally {
      device.turn().unlock();
    }
  }

  private String name() {
    return plan.schedule().name();
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
      receive(List.of(staged), new ArrayList<>());
    } finally {
      device.turn().unlock();
    }
  }

  /** Returns the table of tasks, layouts and memory. */
  public String explain() {
    return plan.explain();
  }

  private void send(Staged staged, List<Profile.Span> spans) {
    ByteBuffer staging = staged.staging().bytes().clear().order(ByteOrder.nativeOrder());
    staged.array().put(staging);
    staging.clear();
    move(staged, true, () -> device.compute().upload(staging, staged.buffer()), spans);
  }

  /** Fetches arrays, and waits once for all of them and for the tasks before. */
  private void receive(List<Staged> fetched, List<Profile.Span> spans) {
    for (Staged staged : fetched) {
      ByteBuffer staging = staged.staging().bytes().clear();
      move(staged, false, () -> device.compute().download(staged.buffer(), staging), spans);
    }
    device.compute().sync();
    for (Staged staged : fetched) {
      staged.array().get(staged.staging().bytes().clear().order(ByteOrder.nativeOrder()));
    }
  }

  /** Copies, and waits for the copy where its time is wanted. */
  private void move(Staged staged, boolean up, Runnable copy, List<Profile.Span> spans) {
    if (!profiled) {
      copy.run();
      return;
    }
    TransferEvent event = new TransferEvent();
    event.begin();
    long start = System.nanoTime();
    copy.run();
    device.compute().sync();
    long nanos = System.nanoTime() - start;
    event.end(device.info().name(), staged.array(), up);
    spans.add(
        new Profile.Span(
            up ? Profile.Kind.TO_DEVICE : Profile.Kind.TO_HOST,
            "transfers",
            staged.array().name(),
            start,
            nanos,
            new Cost(0, staged.array().spec().bytes())));
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
