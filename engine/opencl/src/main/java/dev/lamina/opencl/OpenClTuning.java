package dev.lamina.opencl;

import dev.lamina.device.DeviceTuning;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The ways kernels can be launched in on one device, and what was found among them. */
final class OpenClTuning implements DeviceTuning {
  private final KernelTarget target;
  private final TuningFile file;

  /**
   * Reads what was found earlier.
   *
   * @param fingerprint of the device and its driver
   * @param folder where files of all devices are
   */
  OpenClTuning(KernelTarget target, String fingerprint, Path folder) {
    this.target = target;
    file = file(fingerprint, target.panels(), folder);
  }

  /**
   * Says whether anything was found for a GPU.
   *
   * @param fingerprint of the device and its driver
   * @param folder where files of all devices are
   */
  static boolean isTuned(String fingerprint, Path folder) {
    return !file(fingerprint, false, folder).found().isEmpty();
  }

  private static TuningFile file(String fingerprint, boolean panels, Path folder) {
    return new TuningFile(folder, fingerprint + (panels ? " panels" : " tiles"));
  }

  /**
   * Returns the ways to run a call: the one that was found in place of the usual one, then those
   * that the plan decides about, since they depend on what stands around the call.
   */
  List<KernelWay> ways(OpCall call) {
    List<KernelWay> ways = new ArrayList<>(KernelOps.ways(call, target));
    found(call)
        .flatMap(found -> KernelOps.way(call, target, found.way()))
        .ifPresent(found -> ways.set(0, found));
    return ways;
  }

  @Override
  public boolean covers(OpCall call) {
    return !KernelOps.ways(call, target).get(0).parameters().isEmpty();
  }

  @Override
  public Way usual(OpCall call) {
    return KernelOps.ways(call, target).get(0).offered();
  }

  @Override
  public List<Way> neighbours(OpCall call, Way way, Consumer<String> refused) {
    return KernelOps.neighbours(call, target, way.implementation(), refused).stream()
        .map(KernelWay::offered)
        .toList();
  }

  @Override
  public Optional<Found> found(OpCall call) {
    return Optional.ofNullable(file.found().get(call.toString()));
  }

  @Override
  public void keep(OpCall call, Found found) throws IOException {
    file.put(call.toString(), found);
  }

  @Override
  public Path file() {
    return file.path();
  }

  @Override
  public String stamp() {
    return file.stamp();
  }
}
