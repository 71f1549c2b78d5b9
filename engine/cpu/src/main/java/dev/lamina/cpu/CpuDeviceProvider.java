package dev.lamina.cpu;

import dev.lamina.cpu.jit.NativeCode;
import dev.lamina.cpu.onednn.OneDnn;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import java.util.List;

/** The host's cores as one device, {@code cpu}. */
public final class CpuDeviceProvider implements DeviceProvider {
  private static final String ADVICE =
      "add dev.lamina:lamina-cpu-platform, which holds oneDNN for Linux, macOS and Windows";

  /** Made by the service loader; loads nothing. */
  public CpuDeviceProvider() {}

  @Override
  public String family() {
    return "cpu";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public List<DeviceInfo> discover() {
    return List.of(Host.info(library()));
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    if (index != 0) {
      throw new DeviceException("device cpu:" + index + ": there is one CPU device, named cpu");
    }
    return new CpuDevice(library(), options);
  }

  @Override
  public List<Diagnosis> diagnose() {
    try {
      OneDnn library = OneDnn.load();
      String finding = library.version() + ", " + library.isa() + " code";
      String unsupported = NativeCode.unsupported();
      Diagnosis generated =
          unsupported.isEmpty()
              ? new Diagnosis("generated code", true, Generated.version(), "")
              : new Diagnosis("generated code", true, "not used: " + unsupported, "");
      return List.of(new Diagnosis("oneDNN", true, finding, ""), generated);
    } catch (LinkageError missing) {
      return List.of(new Diagnosis("oneDNN", false, reason(missing), ADVICE));
    }
  }

  private static OneDnn library() {
    try {
      return OneDnn.load();
    } catch (LinkageError missing) {
      throw new DeviceException(
          "device cpu: oneDNN's native library cannot be loaded ("
              + reason(missing)
              + "); "
              + ADVICE,
          missing);
    }
  }

  /** The first attempt fails with the reason as cause, later ones name it in their message. */
  private static String reason(LinkageError error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
