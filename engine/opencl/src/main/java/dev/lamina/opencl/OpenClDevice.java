package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceTuning;
import dev.lamina.device.DeviceTurn;
import dev.lamina.device.LeakDetector;
import dev.lamina.device.MemoryLimit;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.Phase;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Precision;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.io.CacheFolder;
import dev.lamina.kernels.Defaults;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import dev.lamina.op.UnsupportedOpException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device of an OpenCL driver: a context, two in-order queues, programs by the ops in use. Work is
 * asynchronous, one lane; kernels see runs of slabs as sub-buffers.
 *
 * <p>{@code -Dlamina.opencl.sync=each} waits for each kernel, so that an error names the one that
 * made it.
 */
final class OpenClDevice implements Device, Operands.Ownership<OpenClBuffer> {
  /** Bytes of a copy that go inside commands: a step's table of 2,000 rows, not a batch. */
  static final int LARGEST_INLINE = 8192;

  /** The system property that finds the kernel that fails. */
  static final String SYNC = "lamina.opencl.sync";

  private final Hardware hardware;
  private final BufferSource buffers;
  private final KernelTarget target;
  private final MemoryLimit memory;
  private final LeakDetector leaks;
  private final DeviceTurn turn;
  private final Queues queues;
  private final OpenClStream compute;
  private final OpenClStream copy;
  private final Programs programs;
  private final OpenClTuning tuning;
  private final boolean eachAlone = System.getProperty(SYNC, "").equals("each");

  /**
   * Opens the device.
   *
   * @param options the precision decides on the forms of images, products stay single precision
   * @param panels whether it gets the kernels for CPU-type devices
   */
  OpenClDevice(Hardware hardware, DeviceOptions options, boolean panels) {
    this(
        hardware,
        options,
        panels,
        LARGEST_INLINE,
        BufferSource.ZEROED,
        OpenClStream.Marker.PLAIN,
        CacheFolder.standard());
  }

  /**
   * Opens the device.
   *
   * @param panels whether it gets the kernels for CPU-type devices
   * @param largestInline bytes of a copy that go inside commands
   * @param buffers where arenas get memory
   * @param marker marks points in the queues
   * @param cache the folder for compiled programs and what tuning found
   */
  OpenClDevice(
      Hardware hardware,
      DeviceOptions options,
      boolean panels,
      int largestInline,
      BufferSource buffers,
      OpenClStream.Marker marker,
      Path cache) {
    this.hardware = hardware;
    this.buffers = buffers;
    if (options.threads() > 0) {
      throw new DeviceException(
          "%s: the driver decides on threads, so %d cannot be set here (PoCL reads"
                  .formatted(name(), options.threads())
              + " POCL_MAX_PTHREAD_COUNT); leave threads out");
    }
    Defaults defaults = Defaults.of(panels, hardware.names());
    target = new KernelTarget(panels, info().computeUnits(), options.precision(), defaults);
    turn = new DeviceTurn(name());
    long limit = options.memoryLimit() == 0 ? info().memoryBytes() : options.memoryLimit();
    memory = new MemoryLimit(name(), limit, hardware.maxAllocation());
    tuning = new OpenClTuning(target, info().fingerprint(), cache.resolve("tuning"));
    leaks = new LeakDetector(name());
    try {
      queues = Queues.open(hardware, Queues.Maker.PLAIN);
    } catch (DeviceException refused) {
      leaks.report();
      throw refused;
    }
    compute = new OpenClStream(this, queues.compute(), largestInline, marker);
    copy = new OpenClStream(this, queues.copy(), largestInline, marker);
    Path binaries = cache.resolve("opencl");
    programs = new Programs(this, info().fingerprint(), binaries, Programs.Compiler.DRIVER);
  }

  @Override
  public DeviceInfo info() {
    return hardware.info();
  }

  @Override
  public Precision precision() {
    return target.precision();
  }

  @Override
  public int maxLanes() {
    return 1;
  }

  @Override
  public int alignment() {
    return Math.max(KernelWay.SCRATCH_ALIGNMENT, hardware.alignment());
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
  public OpenClArena arena(String name) {
    turn.check();
    return new OpenClArena(this, name);
  }

  @Override
  public PinnedBuffer pinned(String name, long bytes) {
    turn.check();
    return new OpenClPinned(this, name, bytes);
  }

  @Override
  public OpenClStream compute() {
    return compute;
  }

  @Override
  public OpenClStream copy() {
    return copy;
  }

  @Override
  public List<Way> ways(OpCall call) {
    return ownWays(call).stream().map(KernelWay::offered).toList();
  }

  private List<KernelWay> ownWays(OpCall call) {
    turn.check();
    if (call.lanes() != 1) {
      throw new DeviceException(
          "%s: %s asks for %d lanes of 1".formatted(name(), call, call.lanes()));
    }
    try {
      return tuning.ways(call);
    } catch (UnsupportedOpException none) {
      throw new UnsupportedOpException(name() + ": " + none.getMessage());
    }
  }

  @Override
  public Optional<Way> way(OpCall call, String implementation) {
    turn.check();
    return KernelOps.way(call, target, implementation).map(KernelWay::offered);
  }

  @Override
  public boolean fuses(Class<? extends Op> op) {
    return KernelOps.ops().contains(op);
  }

  @Override
  public Optional<DeviceTuning> tuning() {
    return Optional.of(tuning);
  }

  @Override
  public PreparedOp prepare(OpCall call, Way way) {
    List<KernelWay> ways = new ArrayList<>(ownWays(call));
    KernelOps.way(call, target, way.implementation()).ifPresent(ways::add);
    for (KernelWay own : ways) {
      boolean sameForms =
          own.offered().inputs().equals(way.inputs())
              && own.offered().outputs().equals(way.outputs());
      // Whoever asks for a reorder names the forms only.
      boolean reorder = call.op() instanceof Reorder && sameForms;
      if (reorder || own.offered().equals(way)) {
        return new OpenClPrepared(this, call, own);
      }
    }
    throw new DeviceException(
        "%s: %s cannot run as %s; offered are %s".formatted(name(), call, way, ways(call)));
  }

  @Override
  public Replay record(List<Phase> phases) {
    turn.check();
    return new OpenClReplay(this, phases);
  }

  @Override
  public void close() {
    if (!turn.closed()) {
      finish();
      for (OpenClStream stream : List.of(compute, copy)) {
        stream.untold().ifPresent(failure -> log().warn("closing: {}", failure.getMessage()));
      }
      turn.close();
      leaks.report();
      programs.close();
      queues.close();
    }
  }

  String name() {
    return info().name();
  }

  cl_device_id id() {
    return hardware.id();
  }

  cl_context context() {
    return queues.context();
  }

  BufferSource buffers() {
    return buffers;
  }

  Programs programs() {
    return programs;
  }

  LeakDetector leaks() {
    return leaks;
  }

  /**
   * Waits for all work of both queues, before something is closed. A queue that fails is logged: it
   * has no work that could be waited for, and what is closed must be released all the same.
   */
  void finish() {
    turn.checkNobodyElse();
    for (OpenClStream stream : List.of(copy, compute)) {
      try {
        stream.finish();
      } catch (DeviceException failure) {
        log().warn("closing: {}", failure.getMessage());
      }
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(OpenClDevice.class);
  }

  /** Says whether each kernel is waited for before the next is launched. */
  boolean eachAlone() {
    return eachAlone;
  }

  MemoryLimit memory() {
    return memory;
  }

  DeviceTurn turnCheck() {
    return turn;
  }

  @Override
  public OpenClBuffer own(DeviceBuffer buffer) {
    return OpenClBuffer.of(this, buffer);
  }

  @Override
  public long address(OpenClBuffer buffer) {
    return buffer.offset();
  }

  void checkOpen() {
    turn.checkOpen();
  }
}
