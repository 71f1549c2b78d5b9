package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import dev.lamina.device.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jocl.CLException;

/** GPUs and CPUs through the system's OpenCL loader, {@code opencl:0} and on. */
public final class OpenClDeviceProvider implements DeviceProvider {
  private static final String ADVICE =
      "to use a GPU of any vendor, install its OpenCL driver (Debian, Ubuntu: ocl-icd-libopencl1"
          + " and nvidia-opencl-icd, mesa-opencl-icd or intel-opencl-icd; RHEL: ocl-icd; Windows,"
          + " macOS: part of the graphics driver); pocl-opencl-icd runs OpenCL on any CPU";

  private static final String LINKER_ADVICE =
      "install ld (Debian, Ubuntu, RHEL: package binutils); without it PoCL ends the whole process"
          + " when it builds a kernel";

  /** Made by the service loader; loads nothing. */
  public OpenClDeviceProvider() {}

  @Override
  public String family() {
    return "opencl";
  }

  @Override
  public int preference() {
    return 1;
  }

  /** Nobody asked for what shares the host's cores or memory: the CPU device is faster there. */
  @Override
  public Optional<String> passedOver(DeviceInfo device) {
    return device.kind() == DeviceInfo.Kind.DISCRETE_GPU
        ? Optional.empty()
        : Optional.of("not a discrete GPU");
  }

  @Override
  public List<DeviceInfo> discover() {
    try {
      return hardware(false).stream().map(Hardware::info).toList();
    } catch (LinkageError noLoader) {
      return List.of();
    }
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    String name = "opencl:" + index;
    List<Hardware> found;
    try {
      found = hardware(false);
    } catch (LinkageError noLoader) {
      throw new DeviceException(
          "device " + name + ": " + LoadFailure.of(noLoader).reason() + "; " + ADVICE, noLoader);
    }
    if (found.isEmpty()) {
      throw new DeviceException(
          "device " + name + ": the OpenCL loader finds no driver with a device; " + ADVICE);
    }
    if (index >= found.size()) {
      throw new DeviceException(
          "device %s: there are %d OpenCL devices, opencl:0 to opencl:%d"
              .formatted(name, found.size(), found.size() - 1));
    }
    Hardware hardware = found.get(index);
    if (hardware.pocl() && !Hardware.linkerFound()) {
      throw new DeviceException("device " + name + ": PoCL finds no linker; " + LINKER_ADVICE);
    }
    if (options.precision() != Precision.F32) {
      throw new DeviceException(
          "device %s offers f32, not %s; leave the precision out, or take another device"
              .formatted(name, options.precision()));
    }
    boolean panels = hardware.info().kind() == DeviceInfo.Kind.CPU;
    return new OpenClDevice(hardware, options, panels);
  }

  @Override
  public List<Diagnosis> diagnose() {
    List<Hardware> found;
    try {
      found = hardware(true);
    } catch (LinkageError noLoader) {
      // Nobody needs OpenCL to train on the CPU: that it is absent is no fault.
      return List.of(
          new Diagnosis(
              "OpenCL loader", true, "none: " + LoadFailure.of(noLoader).reason(), ADVICE));
    } catch (DeviceException broken) {
      return List.of(new Diagnosis("OpenCL drivers", false, broken.getMessage(), ADVICE));
    }
    if (found.isEmpty()) {
      return List.of(new Diagnosis("OpenCL drivers", true, "none with a device", ADVICE));
    }
    List<Diagnosis> findings = new ArrayList<>();
    for (Hardware hardware : found) {
      DeviceInfo info = hardware.info();
      boolean usable = !hardware.pocl() || Hardware.linkerFound();
      findings.add(
          new Diagnosis(
              info.name(),
              usable,
              info.description()
                  + ", "
                  + info.libraries().get("OpenCL")
                  + " "
                  + info.libraries().get("driver")
                  + (usable ? "" : ", but there is no linker"),
              usable ? "" : LINKER_ADVICE));
    }
    return findings;
  }

  private static List<Hardware> hardware(boolean anew) {
    try {
      DriverProbe.standard().check(anew);
      return Hardware.all();
    } catch (CLException failure) {
      throw Failures.of("opencl", "asking the drivers for their devices", failure);
    }
  }
}
