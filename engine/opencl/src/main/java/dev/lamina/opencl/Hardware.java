package dev.lamina.opencl;

import dev.lamina.device.DeviceInfo;
import dev.lamina.kernels.KernelSource;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** One device that a driver offers. */
final class Hardware {
  /** What the loader answers where it finds no driver; from the extension cl_khr_icd. */
  private static final int PLATFORM_NOT_FOUND = -1001;

  private final cl_platform_id platform;
  private final cl_device_id id;
  private final DeviceInfo info;

  private Hardware(cl_platform_id platform, cl_device_id id, int index) {
    this.platform = platform;
    this.id = id;
    Map<String, String> libraries = new LinkedHashMap<>();
    libraries.put("OpenCL", platformText(platform, CL.CL_PLATFORM_NAME));
    libraries.put("version", text(CL.CL_DEVICE_VERSION));
    libraries.put("driver", text(CL.CL_DRIVER_VERSION));
    libraries.put("kernels", KernelSource.version());
    info =
        new DeviceInfo(
            "opencl:" + index,
            kind(),
            text(CL.CL_DEVICE_NAME),
            (int) number(CL.CL_DEVICE_MAX_COMPUTE_UNITS, Sizeof.cl_uint),
            number(CL.CL_DEVICE_GLOBAL_MEM_SIZE, Sizeof.cl_ulong),
            libraries);
  }

  /**
   * Returns the usable devices of all drivers, in the order of the loader.
   *
   * @throws LinkageError if there is no loader
   * @throws CLException if a driver fails
   */
  static List<Hardware> all() {
    CL.setExceptionsEnabled(true);
    List<Hardware> found = new ArrayList<>();
    for (cl_platform_id platform : platforms()) {
      for (cl_device_id id : devices(platform)) {
        Hardware hardware = new Hardware(platform, id, found.size());
        if (hardware.usable()) {
          found.add(hardware);
        }
      }
    }
    return found;
  }

  private static cl_platform_id[] platforms() {
    int[] count = new int[1];
    try {
      CL.clGetPlatformIDs(0, null, count);
    } catch (CLException none) {
      if (none.getStatus() == PLATFORM_NOT_FOUND) {
        return new cl_platform_id[0];
      }
      throw none;
    }
    cl_platform_id[] platforms = new cl_platform_id[count[0]];
    if (count[0] > 0) {
      CL.clGetPlatformIDs(count[0], platforms, null);
    }
    return platforms;
  }

  private static cl_device_id[] devices(cl_platform_id platform) {
    int[] count = new int[1];
    try {
      CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
    } catch (CLException none) {
      if (none.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
        return new cl_device_id[0];
      }
      throw none;
    }
    cl_device_id[] devices = new cl_device_id[count[0]];
    CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, count[0], devices, null);
    return devices;
  }

  DeviceInfo info() {
    return info;
  }

  /** Returns the names of the driver, of the vendor and of the device, as one text. */
  String names() {
    String driver = info.libraries().get("OpenCL");
    return driver + ", " + text(CL.CL_DEVICE_VENDOR) + ", " + info.description();
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
    return (int) number(CL.CL_DEVICE_MEM_BASE_ADDR_ALIGN, Sizeof.cl_uint) / 8;
  }

  long maxAllocation() {
    return number(CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE, Sizeof.cl_ulong);
  }

  private boolean usable() {
    return number(CL.CL_DEVICE_AVAILABLE, Sizeof.cl_uint) != 0
        && number(CL.CL_DEVICE_COMPILER_AVAILABLE, Sizeof.cl_uint) != 0
        && number(CL.CL_DEVICE_ENDIAN_LITTLE, Sizeof.cl_uint) != 0;
  }

  @SuppressWarnings("deprecation") // OpenCL 2.0 has no successor of the question
  private DeviceInfo.Kind kind() {
    if ((number(CL.CL_DEVICE_TYPE, Sizeof.cl_ulong) & CL.CL_DEVICE_TYPE_CPU) != 0) {
      return DeviceInfo.Kind.CPU;
    }
    boolean shared = number(CL.CL_DEVICE_HOST_UNIFIED_MEMORY, Sizeof.cl_uint) != 0;
    return shared ? DeviceInfo.Kind.INTEGRATED_GPU : DeviceInfo.Kind.DISCRETE_GPU;
  }

  private long number(int what, int bytes) {
    ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    CL.clGetDeviceInfo(id, what, bytes, Pointer.to(value), null);
    return value.getLong(0);
  }

  private String text(int what) {
    long[] size = new long[1];
    CL.clGetDeviceInfo(id, what, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetDeviceInfo(id, what, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  private static String platformText(cl_platform_id platform, int what) {
    long[] size = new long[1];
    CL.clGetPlatformInfo(platform, what, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetPlatformInfo(platform, what, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  /** C's strings end in a zero, and some drivers pad names with spaces. */
  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }
}
