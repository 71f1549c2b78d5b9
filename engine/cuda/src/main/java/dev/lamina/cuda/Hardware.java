package dev.lamina.cuda;

import dev.lamina.cuda.library.Versions;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Diagnosis;
import dev.lamina.device.Precision;
import dev.lamina.kernels.KernelSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * One GPU that the driver shows.
 *
 * @param info what is known of it before it is opened
 * @param capability its compute capability: 10 times major plus minor
 */
record Hardware(DeviceInfo info, int capability) {
  /** The oldest GPUs that today's libraries run on: Turing. */
  private static final int OLDEST_CAPABILITY = 75;

  private static final int TENSOR_CAPABILITY = 80;

  /**
   * Returns the GPUs that the driver shows this process.
   *
   * @throws DeviceException if the driver fails
   */
  static List<Hardware> all(Versions versions) {
    int initialised = JCudaDriver.cuInit(0);
    if (initialised == CUresult.CUDA_ERROR_NO_DEVICE) {
      return List.of();
    }
    check("cuInit", initialised);
    int[] count = new int[1];
    check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count));
    List<Hardware> found = new ArrayList<>();
    for (int index = 0; index < count[0]; index++) {
      found.add(of(index, versions));
    }
    return found;
  }

  private static Hardware of(int index, Versions versions) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, index));
    byte[] name = new byte[256];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    long[] memory = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(memory, device));
    int capability =
        10 * attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    boolean integrated = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_INTEGRATED) != 0;
    Map<String, String> libraries = versions.asMap();
    libraries.put("kernels", KernelSource.version());
    libraries.put("compute capability", capability / 10 + "." + capability % 10);
    return new Hardware(
        new DeviceInfo(
            "cuda:" + index,
            integrated ? DeviceInfo.Kind.INTEGRATED_GPU : DeviceInfo.Kind.DISCRETE_GPU,
            text(name),
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
            memory[0],
            libraries),
        capability);
  }

  /** Says whether the libraries still run on it. */
  boolean usable() {
    return capability >= OLDEST_CAPABILITY;
  }

  /** Returns the arithmetic it has: tensor cores took to TF32 and bfloat16 with Ampere. */
  List<Precision> precisions() {
    return capability >= TENSOR_CAPABILITY ? List.of(Precision.values()) : List.of(Precision.F32);
  }

  /** Returns what doctor says of it. */
  Diagnosis finding() {
    String what =
        "%s, compute capability %s, %s"
            .formatted(info.description(), capability / 10.0, precisions());
    return usable()
        ? new Diagnosis(info.name(), true, what, "")
        : new Diagnosis(info.name(), false, what + " is too old: 7.5 is needed", "");
  }

  private static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  private static void check(String call, int result) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw new DeviceException(
          "NVIDIA driver: %s failed with %s%s"
              .formatted(call, CUresult.stringFor(result), visible()));
    }
  }

  /** Returns a clause on the variable that hides devices, where it is set. */
  static String visible() {
    String shown = System.getenv("CUDA_VISIBLE_DEVICES");
    return shown == null ? "" : " (CUDA_VISIBLE_DEVICES is \"" + shown + "\")";
  }

  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('\0');
    return (end < 0 ? text : text.substring(0, end)).strip();
  }
}
