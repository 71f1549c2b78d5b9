package dev.lamina.opencl;

import dev.lamina.device.KernelOp;
import dev.lamina.device.Range;
import dev.lamina.device.RangeException;
import dev.lamina.device.UnknownKernelException;
import dev.lamina.kernels.DeclaredKernels;
import dev.lamina.kernels.KernelSignature;
import dev.lamina.kernels.KernelSignature.Parameter;
import dev.lamina.kernels.KernelSignature.Space;
import dev.lamina.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/** A compiled kernel of the user's: what the driver tells of its parameters and groups. */
final class TaskKernel {
  private static final int DIMENSIONS = 3;

  private final cl_device_id id;
  private final KernelOp task;
  private final cl_kernel kernel;

  private TaskKernel(cl_device_id id, KernelOp task, cl_kernel kernel) {
    this.id = id;
    this.task = task;
    this.kernel = kernel;
  }

  /**
   * Checks that a task fits its kernel.
   *
   * @return the range to launch, with the size of groups that the kernel requires
   * @throws UnknownKernelException if the program has no kernel of that name
   * @throws dev.lamina.device.KernelArgumentException if the arguments do not fit
   * @throws RangeException if the kernel or the device takes no such groups
   */
  static Range check(
      OpenClDevice device, cl_program program, KernelOp task, List<TensorSpec> arrays) {
    String what = "asking for kernel " + task.kernel();
    List<String> names =
        Failures.wrap(device.name(), what, () -> List.of(names(program).split(";")));
    String name = task.kernel().name();
    if (!names.contains(name)) {
      throw new UnknownKernelException(task.task(), task.kernel(), names);
    }
    return Failures.wrap(
        device.name(),
        what,
        () -> {
          cl_kernel kernel = CL.clCreateKernel(program, name, null);
          try {
            TaskKernel own = new TaskKernel(device.id(), task, kernel);
            own.signature().check(task, arrays);
            return own.range(device.name());
          } finally {
            CL.clReleaseKernel(kernel);
          }
        });
  }

  private static String names(cl_program program) {
    long[] size = new long[1];
    CL.clGetProgramInfo(program, CL.CL_PROGRAM_KERNEL_NAMES, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetProgramInfo(program, CL.CL_PROGRAM_KERNEL_NAMES, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "").strip();
  }

  /** What the driver tells; drivers need not, and then the source does. */
  private KernelSignature signature() {
    int[] count = new int[1];
    CL.clGetKernelInfo(kernel, CL.CL_KERNEL_NUM_ARGS, Sizeof.cl_uint, Pointer.to(count), null);
    List<Parameter> parameters = new ArrayList<>();
    try {
      for (int i = 0; i < count[0]; i++) {
        parameters.add(parameter(i));
      }
    } catch (CLException untold) {
      Optional<KernelSignature> declared =
          DeclaredKernels.of(task.kernel().text()).signature(task.kernel().name());
      if (untold.getStatus() != CL.CL_KERNEL_ARG_INFO_NOT_AVAILABLE || declared.isEmpty()) {
        throw untold;
      }
      return declared.get();
    }
    return new KernelSignature(parameters);
  }

  private Parameter parameter(int position) {
    // A star, where there is one, is no word.
    String type = DeclaredKernels.type(text(position, CL.CL_KERNEL_ARG_TYPE_NAME));
    int[] space = new int[1];
    CL.clGetKernelArgInfo(
        kernel,
        position,
        CL.CL_KERNEL_ARG_ADDRESS_QUALIFIER,
        Sizeof.cl_uint,
        Pointer.to(space),
        null);
    Space where =
        switch (space[0]) {
          case CL.CL_KERNEL_ARG_ADDRESS_GLOBAL, CL.CL_KERNEL_ARG_ADDRESS_CONSTANT -> Space.BUFFER;
          case CL.CL_KERNEL_ARG_ADDRESS_LOCAL -> Space.LOCAL;
          default -> Space.VALUE;
        };
    return new Parameter(text(position, CL.CL_KERNEL_ARG_NAME), where, type);
  }

  private String text(int position, int what) {
    long[] size = new long[1];
    CL.clGetKernelArgInfo(kernel, position, what, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetKernelArgInfo(kernel, position, what, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  private Range range(String device) {
    Range range = task.range();
    List<Long> required = sizes(CL.CL_KERNEL_COMPILE_WORK_GROUP_SIZE, range.global().size());
    if (required.stream().allMatch(size -> size > 0)) {
      if (range.local().isEmpty()) {
        range = range.withLocal(required.stream().mapToLong(Long::longValue).toArray());
      } else if (!range.local().equals(required)) {
        throw refused(device, "the kernel requires groups of " + required);
      }
    }
    long[] most = new long[1];
    CL.clGetKernelWorkGroupInfo(
        kernel, id, CL.CL_KERNEL_WORK_GROUP_SIZE, Sizeof.size_t, Pointer.to(most), null);
    if (range.groupItems() > most[0]) {
      throw refused(
          device,
          "a group has %d work-items, and for this kernel at most %d fit"
              .formatted(range.groupItems(), most[0]));
    }
    long[] mostByDimension = new long[DIMENSIONS];
    CL.clGetDeviceInfo(
        id,
        CL.CL_DEVICE_MAX_WORK_ITEM_SIZES,
        (long) DIMENSIONS * Sizeof.size_t,
        Pointer.to(mostByDimension),
        null);
    for (int d = 0; d < range.local().size(); d++) {
      if (range.local().get(d) > mostByDimension[d]) {
        throw refused(
            device,
            "dimension %d of a group takes at most %d work-items".formatted(d, mostByDimension[d]));
      }
    }
    return range;
  }

  private List<Long> sizes(int what, int dimensions) {
    long[] sizes = new long[DIMENSIONS];
    CL.clGetKernelWorkGroupInfo(
        kernel, id, what, (long) DIMENSIONS * Sizeof.size_t, Pointer.to(sizes), null);
    return LongStream.of(sizes).limit(dimensions).boxed().toList();
  }

  private RangeException refused(String device, String reason) {
    Range range = task.range();
    return new RangeException(
        "task \"%s\", kernel %s over %s on %s: %s; give such a size to Range.withLocal"
            .formatted(task.task(), task.kernel().name(), range, device, reason),
        range.global(),
        range.local());
  }
}
