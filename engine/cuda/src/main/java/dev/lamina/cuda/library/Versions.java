package dev.lamina.cuda.library;

import dev.lamina.device.Diagnosis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Versions as the loaded libraries give them.
 *
 * @param driver the newest CUDA release the driver runs: 1000 times major plus 10 times minor
 * @param nvrtc the CUDA release of NVRTC, in the same form
 * @param cudnn 10000 times major plus 100 times minor plus patch
 * @param cublas major, minor and patch
 */
public record Versions(int driver, int nvrtc, long cudnn, List<Integer> cublas) {
  private static final int OLDEST_DRIVER = 12_000;
  private static final int OLDEST_CUDNN = 90_000;

  /** Copies the list. */
  public Versions {
    cublas = List.copyOf(cublas);
  }

  /** Returns names and versions as run reports give them. */
  public Map<String, String> asMap() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("CUDA driver", release(driver));
    versions.put("cuDNN", cudnnText());
    versions.put("cuBLAS", "%d.%d.%d".formatted(cublas.toArray()));
    versions.put("NVRTC", release(nvrtc));
    return versions;
  }

  /** Returns a finding for each library that is too old for this device, or for another one. */
  public List<Diagnosis> findings() {
    List<Diagnosis> findings = new ArrayList<>();
    if (driver < OLDEST_DRIVER) {
      findings.add(
          new Diagnosis(
              "NVIDIA driver",
              false,
              "it runs programs up to CUDA " + release(driver) + ", too old: 12.0 is needed",
              "install NVIDIA's driver, release 525 or newer"));
    }
    if (cudnn < OLDEST_CUDNN) {
      findings.add(
          new Diagnosis(
              "cuDNN",
              false,
              "version " + cudnnText() + " is too old: 9.0 is needed",
              "install cuDNN 9: python3 -m pip install nvidia-cudnn-cu" + nvrtc / 1000));
    }
    if (driver >= OLDEST_DRIVER && nvrtc > driver) {
      findings.add(
          new Diagnosis(
              "NVRTC",
              false,
              "NVRTC of CUDA %s compiles for newer drivers than this one, which runs CUDA %s"
                  .formatted(release(nvrtc), release(driver)),
              "install a newer driver, or NVRTC of CUDA " + release(driver)));
    }
    return findings;
  }

  private String cudnnText() {
    // Before version 9, the major version counted thousands.
    long unit = cudnn < 10_000 ? 1000 : 10_000;
    return "%d.%d.%d".formatted(cudnn / unit, cudnn % unit / 100, cudnn % 100);
  }

  private static String release(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}
