package dev.lamina.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What helps where OpenCL lacks something, by system. Each text is a clause. */
enum Advice {
  /** Debian, Ubuntu and what is made of them. */
  DEBIAN(
      "apt-get install ocl-icd-libopencl1",
      "NVIDIA: nvidia-opencl-icd (Ubuntu: with nvidia-driver-*), AMD: mesa-opencl-icd, Intel:"
          + " intel-opencl-icd, any CPU: pocl-opencl-icd",
      "apt-get install binutils"),
  /** Fedora, RHEL and what is made of them. */
  RHEL(
      "dnf install ocl-icd (from Fedora 42 on: OpenCL-ICD-Loader)",
      "NVIDIA: nvidia-driver-cuda of its own repository or xorg-x11-drv-nvidia-cuda of RPM Fusion,"
          + " AMD: rocm-opencl or mesa-libOpenCL, Intel: intel-compute-runtime, any CPU: pocl;"
          + " RHEL has them in EPEL",
      "dnf install binutils"),
  /** Linux of which no more is known. */
  LINUX(
      "install the package with libOpenCL.so.1: ocl-icd or opencl-icd-loader",
      "NVIDIA: with its driver, AMD: ROCm's or Mesa's OpenCL, Intel: intel-compute-runtime, any"
          + " CPU: pocl",
      "install binutils"),
  /** Windows. */
  WINDOWS(
      "install the graphics driver of the GPU's maker: it brings OpenCL.dll",
      "install the graphics driver of the GPU's maker: the one of Windows Update may lack OpenCL",
      "put the folder of an ld (MSYS2: mingw-w64-x86_64-binutils) on the PATH"),
  /** Where OpenCL is part of the system. */
  MAC(
      "OpenCL is part of macOS and cannot be installed; take a JDK for this Mac's processor",
      "OpenCL and its drivers are part of macOS: update macOS",
      "xcode-select --install");

  private static final Path RELEASE = Path.of("/etc/os-release");

  private final String loader;
  private final String drivers;
  private final String linker;

  Advice(String loader, String drivers, String linker) {
    this.loader = loader;
    this.drivers = drivers;
    this.linker = linker;
  }

  /** Returns that of this system. */
  static Advice ofThisSystem() {
    List<String> release = new ArrayList<>();
    try {
      if (Files.exists(RELEASE)) {
        release = Files.readAllLines(RELEASE);
      }
    } catch (IOException unreadable) {
      release.clear();
    }
    return of(System.getProperty("os.name"), release);
  }

  /** Returns that of a system by Java's name for it and the lines of os-release. */
  static Advice of(String system, List<String> release) {
    String name = system.toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return WINDOWS;
    }
    if (name.startsWith("mac")) {
      return MAC;
    }
    for (String line : release) {
      if (line.startsWith("ID=") || line.startsWith("ID_LIKE=")) {
        List<String> ids = List.of(line.replaceAll("^.*=|[\"']", "").split(" "));
        if (ids.contains("debian") || ids.contains("ubuntu")) {
          return DEBIAN;
        }
        if (ids.contains("fedora") || ids.contains("rhel")) {
          return RHEL;
        }
      }
    }
    return LINUX;
  }

  /** There is no loader. */
  String loader() {
    return "to use a GPU of any maker, or any CPU by PoCL, "
        + loader
        + (packaged() ? "; then a driver (" + drivers + ")" : "");
  }

  /** There is a loader, but no driver is registered with it. */
  String driver() {
    return packaged()
        ? "there is no .icd file in %s: install a driver (%s)".formatted(vendors(), drivers)
        : "the loader is there: " + drivers;
  }

  /** A driver is there and sees no device. */
  String device() {
    return switch (this) {
      case WINDOWS ->
          "see in the Device Manager whether the GPU works, and update its driver; a session by"
              + " remote desktop may hide it";
      case MAC -> "this Mac offers no device to that driver; the cpu device needs none";
      default ->
          "if there is a GPU for that driver: ls -l /dev/dri /dev/kfd /dev/nvidia* must show it,"
              + " the user must be allowed to open it (groups render and video), and a container"
              + " must be given it; else take another driver ("
              + drivers
              + ")";
    };
  }

  /** A driver answers with an error. */
  String broken() {
    return packaged()
        ? "reinstall or update that driver; or remove its file from /etc/OpenCL/vendors, or set"
            + " OCL_ICD_VENDORS to a folder without it"
        : "reinstall or update that driver";
  }

  /** PoCL is there, and nothing to link its kernels with. */
  String linker() {
    return linker
        + " (it brings ld); without it PoCL ends the whole process when it builds a kernel";
  }

  /** JOCL's library could not be unpacked or loaded. */
  static String unpacking() {
    return "it is unpacked to %s, which must have room and allow programs; another folder:"
            .formatted(System.getProperty("java.io.tmpdir"))
        + " -Djava.io.tmpdir=FOLDER (lamina: in LAMINA_JAVA_OPTS)";
  }

  private static String vendors() {
    String other = System.getenv("OCL_ICD_VENDORS");
    return other == null ? "/etc/OpenCL/vendors" : other + ", where OCL_ICD_VENDORS points";
  }

  private boolean packaged() {
    return this != WINDOWS && this != MAC;
  }
}
