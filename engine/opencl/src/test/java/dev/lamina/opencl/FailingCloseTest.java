package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.OpCall;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.PreparedOp;
import dev.lamina.op.Relu;
import dev.lamina.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_event;
import org.jocl.cl_mem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opening and closing on a driver that refuses. Counts of references tell what was released: the
 * test holds one of each.
 */
class FailingCloseTest {
  private static final TensorSpec SPEC = TensorSpec.f32(16);

  private final List<cl_mem> memory = new ArrayList<>();
  private final List<cl_command_queue> marked = new ArrayList<>();

  @TempDir Path cache;

  private boolean refusing;

  @BeforeEach
  void require() {
    FirstDevice.require();
  }

  private OpenClDevice open() {
    return new OpenClDevice(
        Hardware.all().get(0),
        DeviceOptions.defaults(),
        true,
        OpenClDevice.LARGEST_INLINE,
        new BufferSource() {
          @Override
          public cl_mem allocate(OpenClDevice device, long bytes) {
            return kept(ZEROED.allocate(device, bytes));
          }

          @Override
          public cl_mem part(OpenClDevice device, cl_mem whole, long offset, long bytes) {
            return kept(ZEROED.part(device, whole, offset, bytes));
          }
        },
        this::mark,
        cache);
  }

  private cl_mem kept(cl_mem object) {
    CL.clRetainMemObject(object);
    memory.add(object);
    return object;
  }

  private cl_event mark(cl_command_queue queue) {
    marked.add(queue);
    if (refusing) {
      throw new CLException("refused", CL.CL_OUT_OF_RESOURCES);
    }
    return OpenClStream.Marker.PLAIN.enqueue(queue);
  }

  @Test
  void everythingIsReleasedThoughTheQueuesFail() {
    OpenClDevice device = open();
    List<cl_command_queue> queues = List.of(device.copy().queue(), device.compute().queue());
    queues.forEach(CL::clRetainCommandQueue);
    CL.clRetainContext(device.context());
    OpenClArena arena = device.arena("test");
    OpenClBuffer input = arena.allocate("x", SPEC.bytes());
    OpenClBuffer output = arena.allocate("y", SPEC.bytes());
    OpCall call = OpCall.of(new Relu(), 1, SPEC);
    PreparedOp relu = device.prepare(call, device.ways(call).get(0));
    relu.bind(List.of(input), List.of(output), null);
    PinnedBuffer pinned = device.pinned("test", 16);
    refusing = true;

    for (AutoCloseable part : List.of(pinned, relu, arena, device)) {
      marked.clear();
      assertDoesNotThrow(part::close);
      assertEquals(queues, marked, "queues that were waited for");
    }
    assertEquals(List.of(), device.leaks().open());
    assertEquals(4, memory.size(), "two buffers and what the kernel sees of them");
    // Parts hold the buffers that they are parts of, so they go first.
    for (int i = memory.size() - 1; i >= 0; i--) {
      assertEquals(1, references(memory.get(i)), "memory object " + i);
      CL.clReleaseMemObject(memory.get(i));
    }
    for (cl_command_queue queue : queues) {
      assertEquals(1, references(queue));
      CL.clReleaseCommandQueue(queue);
    }
    assertEquals(1, references(device.context()));
    CL.clReleaseContext(device.context());
  }

  @Test
  void nothingIsKeptWhereTheSecondQueueIsRefused() {
    List<cl_context> contexts = new ArrayList<>();
    List<cl_command_queue> queues = new ArrayList<>();
    Queues.Maker oneOnly =
        (context, device) -> {
          if (!queues.isEmpty()) {
            throw new CLException("refused", CL.CL_OUT_OF_HOST_MEMORY);
          }
          cl_command_queue queue = Queues.Maker.PLAIN.make(context, device);
          CL.clRetainContext(context);
          CL.clRetainCommandQueue(queue);
          contexts.add(context);
          queues.add(queue);
          return queue;
        };
    assertThrows(DeviceException.class, () -> Queues.open(Hardware.all().get(0), oneOnly));
    assertEquals(1, references(queues.get(0)));
    CL.clReleaseCommandQueue(queues.get(0));
    assertEquals(1, references(contexts.get(0)));
    CL.clReleaseContext(contexts.get(0));
  }

  private static int references(cl_mem object) {
    int[] count = new int[1];
    CL.clGetMemObjectInfo(
        object, CL.CL_MEM_REFERENCE_COUNT, Sizeof.cl_uint, Pointer.to(count), null);
    return count[0];
  }

  private static int references(cl_command_queue queue) {
    int[] count = new int[1];
    CL.clGetCommandQueueInfo(
        queue, CL.CL_QUEUE_REFERENCE_COUNT, Sizeof.cl_uint, Pointer.to(count), null);
    return count[0];
  }

  private static int references(cl_context context) {
    int[] count = new int[1];
    CL.clGetContextInfo(
        context, CL.CL_CONTEXT_REFERENCE_COUNT, Sizeof.cl_uint, Pointer.to(count), null);
    return count[0];
  }
}
