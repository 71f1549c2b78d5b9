package dev.lamina.cuda.call;

import dev.lamina.device.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** The driver through JCuda, on the primary context of one GPU. */
final class JCudaDriverCalls implements Driver {
  private record Graph(CUgraphExec executable, long nodes) {}

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();

  JCudaDriverCalls(int index) {
    check("cuInit", JCudaDriver.cuInit(0));
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, index));
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    enter();
  }

  private static void check(String call, int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new CallException(call, CUresult.stringFor(result));
    }
  }

  @Override
  public void enter() {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  @Override
  public long freeBytes() {
    long[] free = new long[1];
    check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, new long[1]));
    return free[0];
  }

  @Override
  public long allocate(long bytes) {
    Address address = new Address();
    check("cuMemAlloc", JCudaDriver.cuMemAlloc(address, bytes));
    return address.value();
  }

  @Override
  public void free(long address) {
    check("cuMemFree", JCudaDriver.cuMemFree(new Address(address)));
  }

  @Override
  public Handle pin(int bytes) {
    Pointer pointer = new Pointer();
    check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(pointer, bytes, 0));
    return new Handle("pinned memory", pointer);
  }

  @Override
  public ByteBuffer bytes(Handle pinned, int bytes) {
    return pinned.as(Pointer.class).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void unpin(Handle pinned) {
    check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(pinned.as(Pointer.class)));
  }

  @Override
  public Handle stream() {
    CUstream stream = new CUstream();
    check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return new Handle("stream", stream);
  }

  @Override
  public void synchronize(Handle stream) {
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(of(stream)));
  }

  @Override
  public void destroyStream(Handle stream) {
    check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(of(stream)));
  }

  @Override
  public void zero(Handle stream, long address, long bytes) {
    check(
        "cuMemsetD8Async",
        JCudaDriver.cuMemsetD8Async(new Address(address), (byte) 0, bytes, of(stream)));
  }

  @Override
  public void upload(Handle stream, ByteBuffer source, long address) {
    check(
        "cuMemcpyHtoDAsync",
        JCudaDriver.cuMemcpyHtoDAsync(
            new Address(address), Pointer.to(source.slice()), source.remaining(), of(stream)));
  }

  @Override
  public void download(Handle stream, long address, ByteBuffer destination) {
    check(
        "cuMemcpyDtoHAsync",
        JCudaDriver.cuMemcpyDtoHAsync(
            Pointer.to(destination.slice()),
            new Address(address),
            destination.remaining(),
            of(stream)));
  }

  @Override
  public Handle event() {
    CUevent event = new CUevent();
    int flags = CUevent_flags.CU_EVENT_DISABLE_TIMING | CUevent_flags.CU_EVENT_BLOCKING_SYNC;
    check("cuEventCreate", JCudaDriver.cuEventCreate(event, flags));
    return new Handle("event", event);
  }

  @Override
  public void record(Handle event, Handle stream) {
    check("cuEventRecord", JCudaDriver.cuEventRecord(event.as(CUevent.class), of(stream)));
  }

  @Override
  public void waitFor(Handle stream, Handle event) {
    check(
        "cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(of(stream), event.as(CUevent.class), 0));
  }

  @Override
  public boolean passed(Handle event) {
    int result = JCudaDriver.cuEventQuery(event.as(CUevent.class));
    if (result == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    check("cuEventQuery", result);
    return true;
  }

  @Override
  public void await(Handle event) {
    check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(event.as(CUevent.class)));
  }

  @Override
  public void destroyEvent(Handle event) {
    check("cuEventDestroy", JCudaDriver.cuEventDestroy(event.as(CUevent.class)));
  }

  @Override
  public Handle module(String ptx) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, ptx));
    return new Handle("module", module);
  }

  /** Asking for an attribute loads the code, which a recording would otherwise have to do. */
  @Override
  public Handle function(Handle module, String kernel) {
    CUfunction function = new CUfunction();
    check(
        "cuModuleGetFunction of " + kernel,
        JCudaDriver.cuModuleGetFunction(function, module.as(CUmodule.class), kernel));
    check(
        "cuFuncGetAttribute of " + kernel,
        JCudaDriver.cuFuncGetAttribute(
            new int[1], CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS, function));
    return new Handle("function " + kernel, function);
  }

  @Override
  public void unload(Handle module) {
    check("cuModuleUnload", JCudaDriver.cuModuleUnload(module.as(CUmodule.class)));
  }

  @Override
  public int mostThreads(Handle function) {
    int[] threads = new int[1];
    check(
        "cuFuncGetAttribute of " + function,
        JCudaDriver.cuFuncGetAttribute(
            threads,
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
            function.as(CUfunction.class)));
    return threads[0];
  }

  @Override
  public void launch(Handle stream, Handle function, Range range, List<Argument> arguments) {
    NativePointerObject[] parameters = new NativePointerObject[arguments.size()];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = parameter(arguments.get(i));
    }
    check(
        "cuLaunchKernel of " + function,
        JCudaDriver.cuLaunchKernel(
            function.as(CUfunction.class),
            groups(range, 0),
            groups(range, 1),
            groups(range, 2),
            groupSize(range, 0),
            groupSize(range, 1),
            groupSize(range, 2),
            0,
            of(stream),
            Pointer.to(parameters),
            null));
  }

  private static int groups(Range range, int dimension) {
    return dimension < range.global().size()
        ? Math.toIntExact(range.global().get(dimension) / range.local().get(dimension))
        : 1;
  }

  private static int groupSize(Range range, int dimension) {
    return dimension < range.local().size() ? Math.toIntExact(range.local().get(dimension)) : 1;
  }

  private static Pointer parameter(Argument argument) {
    if (argument instanceof Argument.Int number) {
      return Pointer.to(new int[] {number.value()});
    }
    if (argument instanceof Argument.Real number) {
      return Pointer.to(new float[] {number.value()});
    }
    if (argument instanceof Argument.Struct struct) {
      return Pointer.to(struct.values().stream().mapToInt(Integer::intValue).toArray());
    }
    return Pointer.to(new long[] {((Argument.Memory) argument).address()});
  }

  @Override
  public void beginCapture(Handle stream) {
    check(
        "cuStreamBeginCapture",
        JCudaDriver.cuStreamBeginCapture(
            of(stream), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  }

  @Override
  public Handle endCapture(Handle stream) {
    CUgraph graph = new CUgraph();
    check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(of(stream), graph));
    try {
      long[] nodes = new long[1];
      check("cuGraphGetNodes", JCudaDriver.cuGraphGetNodes(graph, null, nodes));
      CUgraphExec executable = new CUgraphExec();
      check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(executable, graph, 0));
      return new Handle("graph", new Graph(executable, nodes[0]));
    } finally {
      check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
  }

  /** What went wrong was reported already; this call answers with the same. */
  @Override
  public void abandonCapture(Handle stream) {
    CUgraph graph = new CUgraph();
    int ended = JCudaDriver.cuStreamEndCapture(of(stream), graph);
    if (ended == CUresult.CUDA_SUCCESS) {
      check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
  }

  @Override
  public void launchGraph(Handle stream, Handle graph) {
    check(
        "cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph.as(Graph.class).executable(), of(stream)));
  }

  @Override
  public long nodes(Handle graph) {
    return graph.as(Graph.class).nodes();
  }

  @Override
  public void destroyGraph(Handle graph) {
    check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(graph.as(Graph.class).executable()));
  }

  @Override
  public void close() {
    check("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }

  private static CUstream of(Handle stream) {
    return stream.as(CUstream.class);
  }
}
