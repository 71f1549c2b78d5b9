package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
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
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import dev.lamina.op.UnsupportedOpException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A device that runs {@link ReferenceOps}: slow, exact, and strict about the contract, to test
 * graphs, plans and training without a fast device's help.
 *
 * <p>It refuses what a real device may let pass: misaligned or short buffers, buffers and prepared
 * ops after closing, written buffers that overlap others of a call, lanes of a phase that race,
 * padding that is not zero, work from one thread while another has the turn. Its results are the
 * same bits each time. Not thread-safe, like any device.
 */
public final class ReferenceDevice implements Device {
  private final ReferenceOptions options;
  private final LeakDetector leaks = new LeakDetector("reference");
  private final ReferenceStream compute;
  private final ReferenceStream copy;

  /** What it says it has; what of that it may take is {@link ReferenceOptions#memoryLimit()}. */
  private static final long MEMORY = 1L << 40;

  private final DeviceTurn turn = new DeviceTurn("reference");
  private final MemoryLimit memory;
  private final Map<String, Long> runs = new TreeMap<>();
  private long allocations;
  private long prepared;
  private long recorded;
  private long launched;
  private long uploads;
  private long downloads;
  private long waits;

  private ReferenceDevice(ReferenceOptions options) {
    this.options = options;
    memory = new MemoryLimit("reference", options.memoryLimit(), options.maxAllocation());
    compute = new ReferenceStream(this, "compute");
    copy = options.asynchronous() ? new ReferenceStream(this, "copy") : compute;
  }

  /** Opens a device with {@link ReferenceOptions#defaults()}. */
  public static ReferenceDevice open() {
    return open(ReferenceOptions.defaults());
  }

  /** Opens a device. */
  public static ReferenceDevice open(ReferenceOptions options) {
    return new ReferenceDevice(options);
  }

  /** Returns what was asked of the device so far. */
  public ReferenceCounts counts() {
    return new ReferenceCounts(
        allocations, prepared, recorded, launched, uploads, downloads, waits, runs);
  }

  @Override
  public DeviceInfo info() {
    return new DeviceInfo(
        "reference",
        options.asynchronous() ? DeviceInfo.Kind.DISCRETE_GPU : DeviceInfo.Kind.CPU,
        "double-precision reference",
        options.maxLanes(),
        MEMORY,
        Map.of());
  }

  @Override
  public int stepsPerLaunch() {
    return options.stepsPerLaunch();
  }

  @Override
  public int maxLanes() {
    return options.maxLanes();
  }

  @Override
  public int alignment() {
    return options.alignment();
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
    checkTurn();
    return new ReferenceArena(this, name);
  }

  @Override
  public PinnedBuffer pinned(String name, long bytes) {
    checkTurn();
    allocations++;
    return new ReferencePinned(this, name, bytes);
  }

  @Override
  public Stream compute() {
    return compute;
  }

  @Override
  public Stream copy() {
    return copy;
  }

  @Override
  public boolean fuses(Class<? extends Op> op) {
    return options.fuses() && ReferenceOps.ops().contains(op);
  }

  @Override
  public List<Way> ways(OpCall call) {
    checkTurn();
    if (!ReferenceOps.ops().contains(call.op().getClass())) {
      throw new UnsupportedOpException("reference: " + call + " is not supported");
    }
    return ReferenceLayouts.offered(call, options.ways());
  }

  @Override
  public PreparedOp prepare(OpCall call, Way way) {
    List<Way> offered = ways(call);
    if (call.lanes() < 1 || call.lanes() > options.maxLanes()) {
      throw new DeviceException(
          "reference: %s asks for %d lanes of %d"
              .formatted(call, call.lanes(), options.maxLanes()));
    }
    if (call.op() instanceof Reorder) {
      ReferenceLayouts.checkReorder(call.inputs().get(0), way);
    } else if (!offered.contains(way)) {
      throw new DeviceException(
          "reference: %s cannot run as %s; offered are %s".formatted(call, way, offered));
    }
    prepared++;
    return new ReferencePrepared(this, call, way);
  }

  @Override
  public Replay record(List<Phase> phases) {
    checkTurn();
    recorded++;
    return new ReferenceReplay(this, phases);
  }

  @Override
  public void close() {
    if (!turn.closed()) {
      finish();
      leaks.report();
      turn.close();
    }
  }

  ReferenceOptions options() {
    return options;
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

  /** Does all queued work, before something closes; what fails is reported at the next sync. */
  void finish() {
    turn.checkNobodyElse();
    compute.finish();
    copy.finish();
  }

  /** Returns the buffer as one of this device's, if it is one and open. */
  ReferenceBuffer own(DeviceBuffer buffer) {
    if (!(buffer instanceof ReferenceBuffer own) || own.arena().device() != this) {
      throw new IllegalArgumentException("buffer " + buffer + " belongs to another device");
    }
    own.checkOpen();
    return own;
  }

  /** Returns how the checks of operands know this device's buffers. */
  Operands.Ownership<ReferenceBuffer> ownership() {
    return new Operands.Ownership<>() {
      @Override
      public ReferenceBuffer own(DeviceBuffer buffer) {
        return ReferenceDevice.this.own(buffer);
      }

      @Override
      public long address(ReferenceBuffer buffer) {
        return buffer.offset();
      }
    };
  }

  /** Checks that the device is open and nobody else has the turn. */
  void checkTurn() {
    turn.check();
  }

  void checkOpen() {
    turn.checkOpen();
  }

  void countAllocation() {
    allocations++;
  }

  void countLaunched() {
    launched++;
  }

  void countUpload() {
    uploads++;
  }

  void countDownload() {
    downloads++;
  }

  void countWait() {
    waits++;
  }

  void countRun(String op) {
    runs.merge(op, 1L, Long::sum);
  }
}
