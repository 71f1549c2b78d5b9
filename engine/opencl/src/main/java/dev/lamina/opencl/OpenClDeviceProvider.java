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
  private final Machine machine;

  /** Made by the service loader; loads nothing. */
  public OpenClDeviceProvider() {
    this(Machine.THIS);
  }

  OpenClDeviceProvider(Machine machine) {
    this.machine = machine;
  }

  @Override
  public String family() {
    return "opencl";
  }

  @Override
  public int preference() {
    return 1;
  }

  /**
   * Nobody asked for what shares the host's cores or memory: the CPU device may be faster there.
   * Whoever has tuned a GPU means to use it.
   */
  @Override
  public Optional<String> passedOver(DeviceInfo device) {
    return switch (device.kind()) {
      case DISCRETE_GPU -> Optional.empty();
      case INTEGRATED_GPU ->
          OpenClTuning.isTuned(device.fingerprint(), machine.cache().resolve("tuning"))
              ? Optional.empty()
              : Optional.of(
                  "an integrated GPU, taken once lamina tune --device "
                      + device.name()
                      + " has tuned it with this driver");
      case CPU, ACCELERATOR -> Optional.of("not a GPU");
    };
  }

  @Override
  public List<DeviceInfo> discover() {
    List<Platform> platforms;
    try {
      platforms = platforms(false);
    } catch (LinkageError noLoader) {
      return List.of();
    }
    List<Hardware> found = devices(platforms);
    if (found.isEmpty() && platforms.stream().anyMatch(p -> !p.failure().isEmpty())) {
      throw new DeviceException("opencl: " + lack(platforms));
    }
    return found.stream().map(Hardware::info).toList();
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    String name = "opencl:" + index;
    List<Platform> platforms;
    try {
      platforms = platforms(false);
    } catch (LinkageError unloadable) {
      LoadFailure why = LoadFailure.of(unloadable);
      throw new DeviceException(
          "device " + name + ": " + why.reason() + "; " + advice(why), unloadable);
    }
    List<Hardware> found = devices(platforms);
    if (found.isEmpty()) {
      throw new DeviceException("device " + name + ": " + lack(platforms));
    }
    if (index >= found.size()) {
      throw new DeviceException(
          "device %s: there are %d OpenCL devices, opencl:0 to opencl:%d"
              .formatted(name, found.size(), found.size() - 1));
    }
    Hardware hardware = found.get(index);
    if (!linked(hardware)) {
      throw new DeviceException(
          "device " + name + ": PoCL finds no linker; " + machine.advice().linker());
    }
    if (options.precision() != Precision.F32) {
      throw new DeviceException(
          "device %s offers f32, not %s; leave the precision out, or take another device"
              .formatted(name, options.precision()));
    }
    boolean panels = hardware.info().kind() == DeviceInfo.Kind.CPU;
    return new OpenClDevice(hardware, options, panels);
  }

  /** Tries drivers again that have failed: what was wrong may have been mended. */
  @Override
  public List<Diagnosis> diagnose() {
    List<Platform> platforms;
    try {
      platforms = platforms(true);
    } catch (LinkageError unloadable) {
      LoadFailure why = LoadFailure.of(unloadable);
      // Nobody needs OpenCL to train on the CPU: that it is absent is no fault.
      return List.of(
          why.loaderMissing()
              ? new Diagnosis("OpenCL loader", true, "none: " + why.reason(), advice(why))
              : new Diagnosis("JOCL", false, why.reason(), advice(why)));
    } catch (DeviceException broken) {
      // It says itself what helps.
      return List.of(new Diagnosis("OpenCL drivers", false, broken.getMessage(), ""));
    }
    if (platforms.isEmpty()) {
      return List.of(new Diagnosis("OpenCL drivers", true, "none", machine.advice().driver()));
    }
    List<Diagnosis> findings = new ArrayList<>();
    for (Platform platform : platforms) {
      findings.add(finding(platform));
      platform.devices().forEach(hardware -> findings.add(finding(hardware)));
    }
    return findings;
  }

  private Diagnosis finding(Platform platform) {
    boolean failed = !platform.failure().isEmpty();
    String advice = platform.devices().isEmpty() ? machine.advice().device() : "";
    return new Diagnosis(
        platform.name(),
        !failed,
        (platform.version().isEmpty() ? "" : platform.version() + ", ") + platform.state(),
        failed ? machine.advice().broken() : advice);
  }

  private Diagnosis finding(Hardware hardware) {
    DeviceInfo info = hardware.info();
    boolean usable = linked(hardware);
    return new Diagnosis(
        info.name(),
        usable,
        info.description()
            + ", "
            + info.libraries().get("OpenCL")
            + " "
            + info.libraries().get("driver")
            + (usable ? "" : ", but there is no linker"),
        usable ? "" : machine.advice().linker());
  }

  private boolean linked(Hardware hardware) {
    return !hardware.pocl() || machine.hasLinker();
  }

  /** Says why drivers without a usable device are of no use, and what helps. */
  private String lack(List<Platform> platforms) {
    if (platforms.isEmpty()) {
      return "the OpenCL loader finds no driver; " + machine.advice().driver();
    }
    List<String> states = new ArrayList<>();
    boolean failed = false;
    for (Platform platform : platforms) {
      states.add(platform.name() + ": " + platform.state());
      failed |= !platform.failure().isEmpty();
    }
    return "no OpenCL driver has a device that can be used (%s); %s"
        .formatted(
            String.join(", ", states),
            failed ? machine.advice().broken() : machine.advice().device());
  }

  private String advice(LoadFailure why) {
    return why.loaderMissing() ? machine.advice().loader() : Advice.unpacking();
  }

  private List<Platform> platforms(boolean anew) {
    try {
      return Platform.ask(machine.drivers(anew));
    } catch (CLException failure) {
      throw new DeviceException(
          "opencl: asking the loader for drivers failed with " + failure.getMessage(), failure);
    }
  }

  private static List<Hardware> devices(List<Platform> platforms) {
    return platforms.stream().flatMap(platform -> platform.devices().stream()).toList();
  }
}
