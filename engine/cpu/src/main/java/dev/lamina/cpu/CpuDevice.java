package dev.lamina.cpu;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.cpu.onednn.OneDnn;
import dev.lamina.cpu.onednn.OneDnnException;
import dev.lamina.cpu.onednn.OpenMp;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceTurn;
import dev.lamina.device.LeakDetector;
import dev.lamina.device.MemoryLimit;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.Phase;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Stream;
import dev.lamina.device.Way;
import dev.lamina.op.Cost;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's cores. Work is done when a call returns, so there is one stream and nothing to wait
 * for; the submitting thread is the first lane, threads of the device are the others.
 */
final class CpuDevice implements Device, Operands.Ownership<CpuBuffer> {
  /** About 40 us of one core. */
  private static final long SMALL_FLOPS = 4_000_000;

  private static final long SMALL_BYTES = 1 << 20;

  private final DeviceInfo info;
  private final int threads;
  private final MemoryLimit memory;
  private final LeakDetector leaks = new LeakDetector("cpu");
  private final Map<OpCall, List<CpuWay>> ways = new HashMap<>();

  /** What was asked for by name of calls whose other ways nobody has asked for. */
  private final Map<OpCall, Map<String, CpuWay>> named = new HashMap<>();

  private final Crew crew;
  private final CpuStream stream;
  private final DeviceTurn turn = new DeviceTurn("cpu");

  CpuDevice(OneDnn library, DeviceOptions options) {
    info = Host.info(library);
    threads = options.threads() == 0 ? Host.cores() : options.threads();
    long limit = options.memoryLimit() == 0 ? info.memoryBytes() : options.memoryLimit();
    memory = new MemoryLimit("cpu", limit, limit);
    crew = new Crew(threads);
    stream = new CpuStream(this, crew);
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public int maxLanes() {
    return threads;
  }

  @Override
  public int alignment() {
    return NativeMemory.LINE_BYTES;
  }

  @Override
  public long maxAllocation() {
    return memory.maxAllocation();
  }

  @Override
  public long memoryLimit() {
    return memory.bytes();
  }

  @Override
  public ReentrantLock turn() {
    return turn.lock();
  }

  @Override
  public DeviceArena arena(String name) {
    turn.check();
    return new CpuArena(this, name);
  }

  @Override
  public PinnedBuffer pinned(String name, long bytes) {
    turn.check();
    return new CpuPinned(this, name, bytes);
  }

  @Override
  public Stream compute() {
    return stream;
  }

  @Override
  public Stream copy() {
    return stream;
  }

  @Override
  public List<Way> ways(OpCall call) {
    return ownWays(call).stream().map(CpuWay::offered).toList();
  }

  @Override
  public Optional<Way> way(OpCall call, String implementation) {
    return named(call, implementation).map(CpuWay::offered);
  }

  @Override
  public boolean fuses(Class<? extends Op> op) {
    return CpuOps.has(op);
  }

  private Optional<CpuWay> named(OpCall call, String implementation) {
    checkCall(call);
    List<CpuWay> known = ways.get(call);
    if (known != null) {
      return known.stream()
          .filter(way -> way.offered().implementation().equals(implementation))
          .findFirst();
    }
    Map<String, CpuWay> found = named.computeIfAbsent(call, key -> new HashMap<>());
    if (!found.containsKey(implementation)) {
      int share = threadsFor(call);
      OpenMp.setThreads(share);
      CpuOps.ways(call, new Asked(share, Optional.of(implementation))).stream()
          .findFirst()
          .ifPresent(way -> found.put(implementation, way));
    }
    return Optional.ofNullable(found.get(implementation));
  }

  private void checkCall(OpCall call) {
    turn.check();
    if (call.lanes() < 1 || call.lanes() > threads) {
      throw new DeviceException(
          "cpu: %s asks for %d lanes of %d".formatted(call, call.lanes(), threads));
    }
  }

  private List<CpuWay> ownWays(OpCall call) {
    checkCall(call);
    List<CpuWay> known = ways.get(call);
    if (known == null) {
      int share = threadsFor(call);
      OpenMp.setThreads(share);
      known = CpuOps.ways(call, new Asked(share, Optional.empty()));
      ways.put(call, known);
    }
    return known;
  }

  @Override
  public PreparedOp prepare(OpCall call, Way way) {
    turn.check();
    int share = threadsFor(call);
    OpenMp.setThreads(share);
    try {
      if (call.op() instanceof Reorder) {
        return ReorderWay.of(call, way, share).prepare(this);
      }
      Optional<CpuWay> own = named(call, way.implementation());
      if (own.isPresent() && own.get().offered().equals(way)) {
        return own.get().prepare(this);
      }
    } catch (OneDnnException failure) {
      throw new DeviceException("cpu: " + call + ": " + failure.getMessage(), failure);
    }
    throw new DeviceException(
        "cpu: %s cannot run as %s; offered are %s".formatted(call, way, ways(call)));
  }

  /**
   * Lanes share the threads evenly, and small calls take one: waking OpenMP's threads costs them
   * more than it saves. What a call may use is baked into its primitives.
   */
  private int threadsFor(OpCall call) {
    Cost cost = call.cost();
    boolean small = cost.flops() < SMALL_FLOPS && cost.bytes() < SMALL_BYTES;
    return small ? 1 : Math.max(1, threads / call.lanes());
  }

  @Override
  public Replay record(List<Phase> phases) {
    turn.check();
    return new CpuReplay(this, phases);
  }

  @Override
  public void close() {
    if (!turn.closed()) {
      turn.close();
      crew.close();
      leaks.report();
    }
  }

  LeakDetector leaks() {
    return leaks;
  }

  MemoryLimit memory() {
    return memory;
  }

  DeviceTurn turnCheck() {
    return turn;
  }

  @Override
  public CpuBuffer own(DeviceBuffer buffer) {
    return CpuBuffer.of(this, buffer);
  }

  @Override
  public long address(CpuBuffer buffer) {
    return buffer.address();
  }

  void checkOpen() {
    turn.checkOpen();
  }
}
