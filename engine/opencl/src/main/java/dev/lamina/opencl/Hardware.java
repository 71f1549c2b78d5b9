package dev.lamina.opencl;

import dev.lamina.device.DeviceInfo;
import dev.lamina.kernels.KernelSource;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** One device that a driver offers. */
final class Hardware {
  @SuppressWarnings("deprecation") // OpenCL 2.0 has no successor of the question
  private static final int UNIFIED_MEMORY = CL.CL_DEVICE_HOST_UNIFIED_MEMORY;

  private final cl_platform_id platform;
  private final cl_device_id id;
  private final DeviceInfo info;

  /** Makes one of which everything is known. */
  Hardware(cl_platform_id platform, cl_device_id id, DeviceInfo info) {
    this.platform = platform;
    this.id = id;
    this.info = info;
  }

  /**
   * Returns a driver's device; empty if it cannot be used.
   *
   * @param driver the platform's name
   * @param index its number among those that can
   * @throws CLException if the driver fails
   */
  static Optional<Hardware> usable(
      cl_platform_id platform, String driver, cl_device_id id, int index) {
    boolean usable =
        number(id, CL.CL_DEVICE_AVAILABLE, Sizeof.cl_uint) != 0
            && number(id, CL.CL_DEVICE_COMPILER_AVAILABLE, Sizeof.cl_uint) != 0
            && number(id, CL.CL_DEVICE_ENDIAN_LITTLE, Sizeof.cl_uint) != 0;
    if (!usable) {
      return Optional.empty();
    }
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("OpenCL", driver);
    libraries.put("version", text(id, CL.CL_DEVICE_VERSION));
    libraries.put("driver", text(id, CL.CL_DRIVER_VERSION));
    libraries.put("kernels", KernelSource.version());
    DeviceInfo info =
        new DeviceInfo(
            "opencl:" + index,
            kind(
                number(id, CL.CL_DEVICE_TYPE, Sizeof.cl_ulong),
                number(id, UNIFIED_MEMORY, Sizeof.cl_uint) != 0),
            text(id, CL.CL_DEVICE_NAME),
            (int) number(id, CL.CL_DEVICE_MAX_COMPUTE_UNITS, Sizeof.cl_uint),
            number(id, CL.CL_DEVICE_GLOBAL_MEM_SIZE, Sizeof.cl_ulong),
            libraries);
    return Optional.of(new Hardware(platform, id, info));
  }

  /**
   * Returns the usable devices of all drivers, in the order of the loader; a driver that fails has
   * none.
   *
   * @throws LinkageError if there is no loader
   * @throws CLException if the loader fails
   */
  static List<Hardware> all() {
    return Platform.ask(Platform.drivers()).stream()
        .flatMap(platform -> platform.devices().stream())
        .toList();
  }

  /**
   * Returns the sort of a device.
   *
   * @param type the driver's bits; a device may be of several types, and some are of none
   * @param unified whether it shares the host's memory
   */
  static DeviceInfo.Kind kind(long type, boolean unified) {
    if ((type & CL.CL_DEVICE_TYPE_CPU) != 0) {
      return DeviceInfo.Kind.CPU;
    }
    if ((type & CL.CL_DEVICE_TYPE_GPU) == 0) {
      return DeviceInfo.Kind.ACCELERATOR;
    }
    return unified ? DeviceInfo.Kind.INTEGRATED_GPU : DeviceInfo.Kind.DISCRETE_GPU;
  }

  DeviceInfo info() {
    return info;
  }

  /** Returns the names of the driver, of the vendor and of the device, as one text. */
  String names() {
    String driver = info.libraries().get("OpenCL");
    return driver + ", " + text(id, CL.CL_DEVICE_VENDOR) + ", " + info.description();
  }

  cl_platform_id platform() {
    return platform;
  }

  cl_device_id id() {
    return id;
  }

  /** Says whether the driver is PoCL, which links each kernel with the system's linker. */
  boolean pocl() {
    return info.libraries().get("OpenCL").equals("Portable Computing Language");
  }

  /** Says whether PoCL would find a linker, without which it ends the process. */
  static boolean linkerFound() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "ld"))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the alignment of buffers in bytes. */
  int alignment() {
    return (int) number(id, CL.CL_DEVICE_MEM_BASE_ADDR_ALIGN, Sizeof.cl_uint) / 8;
  }

  long maxAllocation() {
    return number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE, Sizeof.cl_ulong);
  }

  private static long number(cl_device_id id, int what, int bytes) {
    ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    CL.clGetDeviceInfo(id, what, bytes, Pointer.to(value), null);
    return value.getLong(0);
  }

  private static String text(cl_device_id id, int what) {
    long[] size = new long[1];
    CL.clGetDeviceInfo(id, what, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetDeviceInfo(id, what, bytes.length, Pointer.to(bytes), null);
    return Platform.text(bytes);
  }
}
