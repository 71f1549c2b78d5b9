package dev.lamina.cuda;

import dev.lamina.cuda.call.Libraries;
import dev.lamina.cuda.library.LibrarySet;
import dev.lamina.cuda.library.Loading;
import dev.lamina.cuda.library.Versions;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceProvider;
import dev.lamina.device.Diagnosis;
import dev.lamina.io.CacheFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

  /** Until the conformance suite has passed on a GPU, only who names the device gets it. */
  @Override
  public Optional<String> passedOver(DeviceInfo device) {
    return Optional.of("not yet proven on hardware, name it to use it");
  }

  /** Without a driver this looks at names of files only. */
  @Override
  public List<DeviceInfo> discover() {
    return usable().stream().map(Hardware::info).toList();
  }

  private static List<Hardware> usable() {
    return LibrarySet.find().hasDriver()
        ? Hardware.all(Loading.load()).stream().filter(Hardware::usable).toList()
        : List.of();
  }

  @Override
  public Device open(int index, DeviceOptions options) {
    String name = "cuda:" + index;
    LibrarySet set = LibrarySet.find();
    if (!set.hasDriver()) {
      Diagnosis finding = set.findings().get(0);
      throw new DeviceException(
          "device %s: %s: %s; %s"
              .formatted(name, finding.subject(), finding.finding(), finding.advice()));
    }
    for (Hardware hardware : usable()) {
      if (hardware.info().name().equals(name)) {
        Loading.loadCudnnParts();
        return open(hardware, options, Libraries.open(index));
      }
    }
    throw new DeviceException(
        "device %s: the driver shows %s that can be used%s; see lamina doctor"
            .formatted(
                name, discover().stream().map(DeviceInfo::name).toList(), Hardware.visible()));
  }

  private static Device open(Hardware hardware, DeviceOptions options, Libraries libraries) {
    try {
      return new CudaDevice(hardware, options, libraries, CacheFolder.standard());
    } catch (DeviceException failure) {
      libraries.close();
      throw failure;
    }
  }

  @Override
  public List<Diagnosis> diagnose() {
    LibrarySet set = LibrarySet.find();
    List<Diagnosis> findings = new ArrayList<>(set.findings());
    if (set.hasDriver() && findings.stream().allMatch(Diagnosis::healthy)) {
      try {
        Versions versions = Loading.load();
        findings.add(new Diagnosis("libraries", true, versions.asMap().toString(), ""));
        Hardware.all(versions).forEach(hardware -> findings.add(hardware.finding()));
      } catch (DeviceException unusable) {
        findings.add(new Diagnosis("libraries", false, unusable.getMessage(), ""));
      }
    }
    return findings;
  }
}
