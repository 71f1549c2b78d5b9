package dev.lamina.cli;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.util.List;

/** Makes the testkit's device one that command lines can name. */
public final class ReferenceProvider implements DeviceProvider {
  /** One lane leaves nothing to be decided by timing. */
  private static final ReferenceOptions OPTIONS =
      new ReferenceOptions(List.of(ReferenceWay.CANONICAL), false, 1, 64, 1 << 30, Long.MAX_VALUE);

  @Override
  public String family() {
    return "reference";
  }

  @Override
  public int preference() {
    return -1;
  }

  @Override
  public List<DeviceInfo> discover() {
    try (Device device = ReferenceDevice.open(OPTIONS)) {
      return List.of(device.info());
    }
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    return ReferenceDevice.open(OPTIONS);
  }

  @Override
  public List<Diagnosis> diagnose() {
    return List.of(new Diagnosis("arithmetic", true, "double precision", ""));
  }
}
