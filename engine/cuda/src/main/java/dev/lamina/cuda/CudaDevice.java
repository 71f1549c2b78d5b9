package dev.lamina.cuda;

import dev.lamina.cuda.call.CallException;
import dev.lamina.cuda.call.Libraries;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
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
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * An NVIDIA GPU: one context, a compute and a copy stream, cuDNN and cuBLAS on the compute stream.
 * Recorded sequences are graphs of the driver's.
 *
 * <p>{@code -Dlamina.cuda.sync=each} runs each launch alone and waits for it, so that an error
 * names the op that made it.
 */
final class CudaDevice implements Device, Operands.Ownership<CudaBuffer> {
  /** Operands are aligned to this many bytes: what the widest loads of the libraries take. */
  static final int LEAST_ALIGNMENT = 16;

  /** Offsets in slabs are multiples of this many bytes, as the driver's own allocations are. */
  private static final int ALIGNMENT = 512;

  /** Scratch of cuBLAS, as NVIDIA advises for Hopper; elsewhere it is more than enough. */
  private static final long BLAS_WORKSPACE = 32L << 20;

  /** Hides what a launch of a graph costs the host, some 10 µs, behind steps of small networks. */
  private static final int STEPS_PER_LAUNCH = 8;

  /** How many launches an asynchronous error is ascribed to. */
  private static final int REMEMBERED = 4;

  private final DeviceInfo info;
  private final Libraries libraries;
  private final MemoryLimit memory;
  private final LeakDetector leaks;
  private final DeviceTurn turn;
  private final CudaStream compute;
  private final CudaStream copy;
  private final EventPool events;
  private final Programs programs;
  private final KernelTarget target;
  private final Ways ways;
  private final Map<OpCall, List<CudaWay>> offered = new HashMap<>();
  private final Set<String> warm = new HashSet<>();
  private final Deque<String> launched = new ArrayDeque<>();
  private final boolean eachAlone = System.getProperty("lamina.cuda.sync", "").equals("each");
  private final long blasWorkspace;
  private volatile boolean lost;

  /**
   * Opens the device.
   *
   * @param libraries what it calls; closed with the device
   * @param cache the folder for what can be made again
   */
  CudaDevice(Hardware hardware, DeviceOptions options, Libraries libraries, Path cache) {
    info = hardware.info();
    this.libraries = libraries;
    if (options.threads() > 0) {
      throw new DeviceException(
          "%s: a GPU has no threads to set, so %d means nothing here; leave threads out"
              .formatted(name(), options.threads()));
    }
    target = new KernelTarget(false, info.computeUnits(), precision(hardware, options));
    turn = new DeviceTurn(name());
    long limit = options.memoryLimit() == 0 ? info.memoryBytes() : options.memoryLimit();
    memory = new MemoryLimit(name(), limit, info.memoryBytes());
    libraries.driver().enter();
    // Where the GPU refuses, whoever opens the device closes the context, and all of this with it.
    String opening = "opening the device, which other processes may use as well";
    compute = attributed(opening, () -> new CudaStream(this, libraries.driver()));
    copy = attributed(opening, () -> new CudaStream(this, libraries.driver()));
    events = new EventPool(libraries.driver());
    blasWorkspace = attributed(opening, () -> libraries.driver().allocate(BLAS_WORKSPACE));
    libraries.blas().use(compute.handle(), blasWorkspace, BLAS_WORKSPACE);
    libraries.dnn().use(compute.handle());
    programs =
        new Programs(
            libraries.driver(),
            libraries.compiler(),
            info.libraries().get("NVRTC"),
            hardware.capability(),
            cache.resolve("cuda").resolve("ptx"));
    ways = new Ways(this);
    leaks = new LeakDetector(name());
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  private static Precision precision(Hardware hardware, DeviceOptions options) {
    if (!hardware.precisions().contains(options.precision())) {
      throw new DeviceException(
          "%s (compute capability %s) offers %s, not %s; leave the precision out"
              .formatted(
                  hardware.info().name(),
                  hardware.capability() / 10.0,
                  hardware.precisions(),
                  options.precision()));
    }
    return options.precision();
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
  public int stepsPerLaunch() {
    return STEPS_PER_LAUNCH;
  }

  @Override
  public int alignment() {
    return ALIGNMENT;
  }

  long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
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
  public CudaArena arena(String name) {
    enter();
    return new CudaArena(this, name);
  }

  @Override
  public PinnedBuffer pinned(String name, long bytes) {
    enter();
    return new CudaPinned(this, name, bytes);
  }

  @Override
  public CudaStream compute() {
    return compute;
  }

  @Override
  public CudaStream copy() {
    return copy;
  }

  @Override
  public List<Way> ways(OpCall call) {
    return ownWays(call).stream().map(CudaWay::offered).toList();
  }

  @Override
  public boolean fuses(Class<? extends Op> op) {
    return KernelOps.ops().contains(op);
  }

  private List<CudaWay> ownWays(OpCall call) {
    enter();
    if (call.lanes() != 1) {
      throw new DeviceException(
          "%s: %s asks for %d lanes of 1".formatted(name(), call, call.lanes()));
    }
    List<CudaWay> found = offered.get(call);
    if (found == null) {
      found = attributed("asking for ways to run " + call, () -> ways.of(call));
      offered.put(call, found);
    }
    return found;
  }

  @Override
  public PreparedOp prepare(OpCall call, Way way) {
    for (CudaWay own : ownWays(call)) {
      boolean sameForms =
          own.offered().inputs().equals(way.inputs())
              && own.offered().outputs().equals(way.outputs());
      // Whoever asks for a reorder names the forms only.
      boolean reorder = call.op() instanceof Reorder && sameForms;
      if (reorder || own.offered().equals(way)) {
        return new CudaPrepared(this, call, own);
      }
    }
    throw new DeviceException(
        "%s: %s cannot run as %s; offered are %s".formatted(name(), call, way, ways(call)));
  }

  @Override
  public Replay record(List<Phase> phases) {
    enter();
    return new CudaReplay(this, phases);
  }

  @Override
  public void close() {
    if (!turn.closed()) {
      finish();
      turn.close();
      leaks.report();
      closing(programs::close);
      events.all().forEach(event -> closing(() -> libraries.driver().destroyEvent(event)));
      closing(() -> libraries.driver().free(blasWorkspace));
      closing(() -> libraries.driver().destroyStream(compute.handle()));
      closing(() -> libraries.driver().destroyStream(copy.handle()));
      closing(libraries::close);
    }
  }

  String name() {
    return info.name();
  }

  Libraries libraries() {
    return libraries;
  }

  KernelTarget target() {
    return target;
  }

  /** Returns the name of a library's way, which says in which precision it computes. */
  String named(String implementation) {
    return precision() == Precision.F32 ? implementation : implementation + "-" + precision();
  }

  Programs programs() {
    return programs;
  }

  EventPool events() {
    return events;
  }

  LeakDetector leaks() {
    return leaks;
  }

  boolean eachAlone() {
    return eachAlone;
  }

  /** Says whether a call was not yet run in this way, and notes that it is now. */
  boolean firstTime(OpCall call, Way way) {
    return warm.add(call + " " + way.implementation());
  }

  /** Notes a launch, for the message of an error that appears later. */
  void launched(String what) {
    synchronized (launched) {
      launched.remove(what);
      launched.addLast(what);
      if (launched.size() > REMEMBERED) {
        launched.removeFirst();
      }
    }
  }

  /** Runs calls of the libraries'; what goes wrong is ascribed to this device and {@code what}. */
  <T> T attributed(String what, Supplier<T> calls) {
    try {
      return calls.get();
    } catch (CallException failure) {
      throw failure(what, failure);
    }
  }

  /** Returns what to throw where a call fails; after a sticky error the device is lost. */
  DeviceException failure(String what, CallException failure) {
    if (!failure.sticky()) {
      return new DeviceException(name() + ": " + what + ": " + failure.getMessage(), failure);
    }
    lost = true;
    synchronized (launched) {
      return new DeviceLostException(
          "%s: device lost: %s: %s. The error may come from any of the last launches %s; what the"
                  .formatted(name(), what, failure.getMessage(), launched)
              + " device held is gone and this process cannot use it again; with"
              + " -Dlamina.cuda.sync=each the op that fails is named",
          failure);
    }
  }

  /** Releases something; on a lost device there is nothing left to release. */
  void closing(Runnable release) {
    if (!lost) {
      attributed(
          "closing",
          () -> {
            libraries.driver().enter();
            release.run();
            return null;
          });
    }
  }

  /**
   * Waits for all work of both streams, for that of one also where the other's has failed; a lost
   * device has none.
   */
  void finish() {
    turn.checkNobodyElse();
    if (turn.closed() || lost) {
      return;
    }
    libraries.driver().enter();
    try {
      copy.finish();
    } catch (DeviceException failure) {
      if (!lost) {
        compute.finish();
      }
      throw failure;
    }
    compute.finish();
  }

  MemoryLimit memory() {
    return memory;
  }

  DeviceTurn turnCheck() {
    return turn;
  }

  @Override
  public CudaBuffer own(DeviceBuffer buffer) {
    return CudaBuffer.of(this, buffer);
  }

  @Override
  public long address(CudaBuffer buffer) {
    return buffer.address();
  }

  /** Makes the GPU's context the calling thread's, which must not do so in another's turn. */
  void enter() {
    turn.check();
    enterBesideOthers();
  }

  /** Does so where another thread may have the turn. */
  void enterBesideOthers() {
    checkOpen();
    libraries.driver().enter();
  }

  void checkOpen() {
    turn.checkOpen();
    if (lost) {
      throw new DeviceLostException(
          name() + ": the device was lost by an error before; start a new process", null);
    }
  }
}
