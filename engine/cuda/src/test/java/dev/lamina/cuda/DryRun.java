package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.CallException;
import dev.lamina.cuda.call.Handle;
import dev.lamina.cuda.call.Libraries;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Stands in for driver and libraries and computes nothing. It checks what can be checked without a
 * GPU: that memory is alive and large enough wherever it is named, when it is recorded and when the
 * recording is launched; that handles are alive, of the right kind, and destroyed once; that
 * results do not overlap operands; that a recording neither allocates nor waits nor loads; that the
 * calling thread has the context.
 */
final class DryRun {
  private static final long FIRST_ADDRESS = 0x7f0000000000L;

  /** Between allocations, so that what runs over an end does not meet the next. */
  private static final long GAP = 4096;

  /** What of a recording uses memory: checked again whenever it is launched. */
  record Node(String what, List<Memory> memory) {}

  private final TreeMap<Long, Long> allocations = new TreeMap<>();
  private final Map<Handle, String> handles = new IdentityHashMap<>();
  private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
  private final ThreadLocal<Boolean> entered = ThreadLocal.withInitial(() -> false);
  private final long memoryBytes;
  private long nextAddress = FIRST_ADDRESS;
  private long allocated;
  private boolean contextOpen = true;

  /** What nothing may touch for now; null for no such memory. */
  private Memory untouchable;

  /** Launches of graphs until the context is poisoned, as by a kernel that writes anywhere. */
  private int launchesLeft = Integer.MAX_VALUE;

  /** Waits for a stream until one is refused, once; then none is. */
  private int waitsLeft = Integer.MAX_VALUE;

  private int waits;

  /** Not null while a recording is under way. */
  private List<Node> recording;

  private final List<List<Node>> graphs = new ArrayList<>();
  private int eagerLaunches;

  private DryRun(long memoryBytes) {
    this.memoryBytes = memoryBytes;
  }

  static DryRun withMemory(long bytes) {
    return new DryRun(bytes);
  }

  /** Opens the device on this stand-in; PTX, which is the source here, goes to the folder. */
  CudaDevice open(Path cache) {
    return open(cache, DeviceOptions.defaults());
  }

  CudaDevice open(Path cache, DeviceOptions options) {
    return open(cache, options, 90);
  }

  CudaDevice open(Path cache, DeviceOptions options, int capability) {
    DeviceInfo info =
        new DeviceInfo(
            "cuda:0",
            DeviceInfo.Kind.DISCRETE_GPU,
            "dry run",
            132,
            memoryBytes,
            Map.of("NVRTC", "13.0"));
    return new CudaDevice(new Hardware(info, capability), options, libraries(), cache);
  }

  Libraries libraries() {
    return new Libraries(
        new DryRunDriver(this),
        (name, source, arguments) -> source,
        new DryRunBlas(this),
        new DryRunDnn(this));
  }

  /** Notes a violation and throws, so that the test fails where it happened. */
  AssertionError violation(String what) {
    violations.add(what);
    throw new AssertionError(what);
  }

  void enter() {
    entered.set(true);
  }

  void call(String what) {
    if (!contextOpen) {
      throw violation(what + " after the context was closed");
    }
    if (!entered.get()) {
      throw violation(what + " on a thread without the context");
    }
    if (launchesLeft <= 0) {
      throw new CallException(what, "CUDA_ERROR_ILLEGAL_ADDRESS");
    }
  }

  /** A call that a recording forbids. */
  synchronized void outsideRecordings(String what) {
    call(what);
    if (recording != null) {
      throw violation(what + " inside a recording");
    }
  }

  /** Returns an address, or 0 where there is too little memory. */
  synchronized long allocate(long bytes) {
    outsideRecordings("allocating");
    if (bytes > memoryBytes - allocated) {
      return 0;
    }
    long address = nextAddress;
    nextAddress += (bytes + GAP + 511) / 512 * 512;
    allocations.put(address, bytes);
    allocated += bytes;
    return address;
  }

  synchronized void free(long address) {
    outsideRecordings("freeing");
    Long bytes = allocations.remove(address);
    if (bytes == null) {
      throw violation("freeing what is not allocated");
    }
    allocated -= bytes;
  }

  synchronized long freeBytes() {
    call("asking for free memory");
    return memoryBytes - allocated;
  }

  synchronized void memory(String what, Memory memory) {
    Map.Entry<Long, Long> owner = allocations.floorEntry(memory.address());
    boolean inside =
        owner != null
            && memory.bytes() >= 0
            && memory.address() + memory.bytes() <= owner.getKey() + owner.getValue();
    if (!inside) {
      throw violation(what + " touches memory that is not allocated: " + memory);
    }
  }

  /** Work for a stream: recorded or, as far as this stand-in goes, run. */
  synchronized void work(Handle stream, String what, List<Memory> memory) {
    call(what);
    alive("stream", stream);
    memory.forEach(part -> memory(what, part));
    if (untouchable != null && memory.stream().anyMatch(part -> overlap(part, untouchable))) {
      throw violation(what + " touches what belongs to the model");
    }
    if (recording == null) {
      eagerLaunches++;
    } else {
      recording.add(new Node(what, List.copyOf(memory)));
    }
  }

  static boolean overlap(Memory a, Memory b) {
    return a.address() < b.address() + b.bytes() && b.address() < a.address() + a.bytes();
  }

  synchronized Handle made(String kind, Object content) {
    Handle handle = new Handle(kind, content);
    handles.put(handle, kind);
    return handle;
  }

  synchronized void alive(String kind, Handle handle) {
    if (!kind.equals(handles.get(handle))) {
      throw violation(handle + " is no living " + kind);
    }
  }

  synchronized void destroyed(String kind, Handle handle) {
    call("destroying a " + kind);
    alive(kind, handle);
    handles.remove(handle);
  }

  synchronized void beginRecording() {
    outsideRecordings("beginning a recording");
    recording = new ArrayList<>();
  }

  synchronized List<Node> endRecording() {
    call("ending a recording");
    if (recording == null) {
      throw violation("ending a recording that was not begun");
    }
    List<Node> nodes = recording;
    recording = null;
    return nodes;
  }

  synchronized void launched(List<Node> nodes) {
    outsideRecordings("launching a graph");
    nodes.forEach(node -> node.memory().forEach(part -> memory(node.what(), part)));
    graphs.add(nodes);
    launchesLeft--;
  }

  /** Lets that many more launches of graphs pass, then fails every call, as drivers do. */
  void poisonAfter(int launches) {
    launchesLeft = launches;
  }

  /** Lets that many more waits for a stream pass, then one fail, as after an ordinary error. */
  void refuseWaitAfter(int more) {
    waitsLeft = more;
  }

  synchronized void waitedFor(Handle stream) {
    outsideRecordings("waiting for a stream");
    alive("stream", stream);
    waits++;
    if (waitsLeft-- == 0) {
      throw new CallException("cuStreamSynchronize", "CUDA_ERROR_INVALID_VALUE");
    }
  }

  /** Returns how often a stream was waited for. */
  int waits() {
    return waits;
  }

  /** Forbids work on that memory from now on. */
  void protect(Memory memory) {
    untouchable = memory;
  }

  synchronized void contextClosed() {
    call("closing the context");
    contextOpen = false;
  }

  int graphLaunches() {
    return graphs.size();
  }

  /** Returns the nodes of each graph that was launched, in order. */
  List<List<Node>> graphs() {
    return graphs;
  }

  int eagerLaunches() {
    return eagerLaunches;
  }

  /** Says that nothing was violated and nothing is left. */
  synchronized void assertClean() {
    assertEquals(List.of(), violations);
    assertEquals(Map.of(), allocations, "memory is still allocated");
    assertEquals(List.of(), List.copyOf(handles.values()), "handles are still open");
    assertEquals(false, contextOpen, "the context is still open");
  }
}
