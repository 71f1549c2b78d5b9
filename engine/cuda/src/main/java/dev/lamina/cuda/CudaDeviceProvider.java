package dev.lamina.cuda;

import dev.lamina.cuda.library.LibrarySet;
import dev.lamina.cuda.library.Loading;
import dev.lamina.cuda.library.Versions;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import java.util.ArrayList;
import java.util.List;

/** NVIDIA GPUs, {@code cuda:0} and on, in the order in which CUDA_VISIBLE_DEVICES shows them. */
public final class CudaDeviceProvider implements DeviceProvider {
  /** Made by the service loader; loads nothing. */
  public CudaDeviceProvider() {}

  @Override
  public String family() {
    return "cuda";
  }

  @Override
  public int preference() {
    return 2;
  }

  /**
   * Without a driver this looks at names of files only.
   *
   * @throws DeviceException if there are devices: nothing computes on them yet
   */
  @Override
  public List<DeviceInfo> discover() {
    if (LibrarySet.find().hasDriver()) {
      for (Hardware hardware : Hardware.all(Loading.load())) {
        throw new DeviceException(
            hardware.info().name()
                + " "
                + hardware.info().description()
                + " is there and its libraries load, but this build does not compute on it yet");
      }
    }
    return List.of();
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    List<DeviceInfo> found = discover();
    throw new DeviceException(
        "device cuda:%d: the driver shows %d devices%s; see lamina doctor"
            .formatted(index, found.size(), Hardware.visible()));
  }

  @Override
  public List<Diagnosis> diagnose() {
    LibrarySet set = LibrarySet.find();
    List<Diagnosis> findings = new ArrayList<>(set.findings());
    if (set.hasDriver() && findings.stream().allMatch(Diagnosis::healthy)) {
      try {
        Versions versions = Loading.load();
        findings.add(new Diagnosis("libraries", true, versions.asMap().toString(), ""));
      } catch (DeviceException unusable) {
        findings.add(new Diagnosis("libraries", false, unusable.getMessage(), ""));
      }
    }
    return findings;
  }
}
