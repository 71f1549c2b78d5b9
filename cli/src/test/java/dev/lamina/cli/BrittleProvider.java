package dev.lamina.cli;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import java.util.List;

/** A family of devices whose library is broken, as a driver may be. */
public final class BrittleProvider implements DeviceProvider {
  @Override
  public String family() {
    return "brittle";
  }

  @Override
  public int preference() {
    return -1;
  }

  @Override
  public List<DeviceInfo> discover() {
    throw new DeviceException("libbrittle.so.9 not found");
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    throw new DeviceException("libbrittle.so.9 not found");
  }

  @Override
  public List<Diagnosis> diagnose() {
    return List.of(
        new Diagnosis("driver", true, "version 5", ""),
        new Diagnosis("libbrittle", false, "libbrittle.so.9 not found", "Install brittle 9."));
  }
}
