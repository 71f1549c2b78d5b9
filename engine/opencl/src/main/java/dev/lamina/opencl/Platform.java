package dev.lamina.opencl;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * What one driver answers: a platform of OpenCL.
 *
 * @param name the driver's name; where it has none, its place among the loader's
 * @param version what it implements; empty where it does not say
 * @param devices those that can be used
 * @param others how many more it has that cannot be used
 * @param failure how it failed when it was asked; empty if it did not
 */
record Platform(String name, String version, List<Hardware> devices, int others, String failure) {
  /** What the loader answers where it finds no driver; from the extension cl_khr_icd. */
  private static final int NOT_FOUND = -1001;

  /** A driver to be asked. Each question may throw {@link CLException}. */
  interface Driver {
    String name();

    String version();

    /** Returns how many devices there are. */
    int count();

    /**
     * Returns a device; empty if it cannot be used.
     *
     * @param position from 0, below the count
     * @param index its number among the usable devices of all drivers
     */
    Optional<Hardware> device(int position, int index);
  }

  /** Copies the list. */
  Platform {
    devices = List.copyOf(devices);
  }

  /** Asks all drivers, in the order of the loader; one that fails hides no other. */
  static List<Platform> ask(List<Driver> drivers) {
    List<Platform> platforms = new ArrayList<>();
    int index = 0;
    for (Driver driver : drivers) {
      Platform platform = ask(driver, "driver " + (platforms.size() + 1), index);
      platforms.add(platform);
      index += platform.devices().size();
    }
    return platforms;
  }

  private static Platform ask(Driver driver, String unnamed, int first) {
    String name = unnamed;
    String version = "";
    List<Hardware> devices = new ArrayList<>();
    int others = 0;
    try {
      name = driver.name();
      version = driver.version();
      int count = driver.count();
      for (int position = 0; position < count; position++) {
        Optional<Hardware> device = driver.device(position, first + devices.size());
        device.ifPresent(devices::add);
        others += device.isPresent() ? 0 : 1;
      }
      return new Platform(name, version, devices, others, "");
    } catch (CLException failure) {
      // JOCL's message is the name of the code.
      return new Platform(name, version, devices, others, String.valueOf(failure.getMessage()));
    }
  }

  /** Returns how many devices there are, and what is wrong. */
  String state() {
    int all = devices.size() + others;
    String counted = all == 1 ? "1 device" : all == 0 ? "no device" : all + " devices";
    return counted
        + (others == 0 ? "" : ", %d of them off or without a compiler".formatted(others))
        + (failure.isEmpty() ? "" : ", then it fails with " + failure);
  }

  /**
   * Returns the drivers that the loader finds.
   *
   * @throws LinkageError if there is no loader
   * @throws CLException if the loader fails
   */
  static List<Driver> drivers() {
    CL.setExceptionsEnabled(true);
    int[] count = new int[1];
    try {
      CL.clGetPlatformIDs(0, null, count);
    } catch (CLException none) {
      if (none.getStatus() == NOT_FOUND) {
        return List.of();
      }
      throw none;
    }
    cl_platform_id[] platforms = new cl_platform_id[count[0]];
    if (count[0] > 0) {
      CL.clGetPlatformIDs(count[0], platforms, null);
    }
    List<Driver> drivers = new ArrayList<>();
    for (cl_platform_id platform : platforms) {
      drivers.add(new Loaded(platform));
    }
    return drivers;
  }

  /** A driver behind the loader. */
  private static final class Loaded implements Driver {
    private final cl_platform_id platform;
    private cl_device_id[] devices;

    Loaded(cl_platform_id platform) {
      this.platform = platform;
    }

    @Override
    public String name() {
      return text(CL.CL_PLATFORM_NAME);
    }

    @Override
    public String version() {
      return text(CL.CL_PLATFORM_VERSION);
    }

    @Override
    public int count() {
      int[] count = new int[1];
      try {
        CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
      } catch (CLException none) {
        if (none.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
          return 0;
        }
        throw none;
      }
      devices = new cl_device_id[count[0]];
      if (count[0] > 0) {
        CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, count[0], devices, null);
      }
      return count[0];
    }

    @Override
    public Optional<Hardware> device(int position, int index) {
      return Hardware.usable(platform, name(), devices[position], index);
    }

    private String text(int what) {
      long[] size = new long[1];
      CL.clGetPlatformInfo(platform, what, 0, null, size);
      byte[] bytes = new byte[(int) size[0]];
      CL.clGetPlatformInfo(platform, what, bytes.length, Pointer.to(bytes), null);
      return Platform.text(bytes);
    }
  }

  /** C's strings end in a zero, and some drivers pad names with spaces. */
  static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }
}
