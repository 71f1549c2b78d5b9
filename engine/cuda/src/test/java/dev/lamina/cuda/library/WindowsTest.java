package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Diagnosis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machines of Windows users, laid out in a folder: what is found, and what doctor says. */
class WindowsTest {
  private static final String TOOLKITS = "root/Program Files/NVIDIA GPU Computing Toolkit/CUDA/";

  @TempDir Path folder;

  @Test
  void systemsAreToldApart() {
    assertEquals(Optional.of(LibraryNames.WINDOWS), LibraryNames.of("Windows 11", "amd64"));
    assertEquals(Optional.of(LibraryNames.LINUX), LibraryNames.of("Linux", "amd64"));
    assertEquals(Optional.empty(), LibraryNames.of("Mac OS X", "aarch64"));
    assertEquals(Optional.empty(), LibraryNames.of("Windows 11", "aarch64"));
  }

  @Test
  void toolkitAndCudnnOfTheInstallersAreFoundAndLoadedInOrder() throws IOException {
    Path driver = file("root/Windows/System32/nvcuda.dll");
    file(TOOLKITS + "v11.8/bin/cublas64_11.dll");
    file(TOOLKITS + "v12.4/bin/cublas64_12.dll");
    Path blas = file(TOOLKITS + "v12.6/bin/cublas64_12.dll");
    Path light = file(TOOLKITS + "v12.6/bin/cublasLt64_12.dll");
    Path compiler = file(TOOLKITS + "v12.6/bin/nvrtc64_120_0.dll");
    Path parts = file(TOOLKITS + "v12.6/bin/nvrtc-builtins64_126.dll");
    Path dnn = file("root/Program Files/NVIDIA/CUDNN/v9.5/bin/12.6/cudnn64_9.dll");
    Path graph = file("root/Program Files/NVIDIA/CUDNN/v9.5/bin/12.6/cudnn_graph64_9.dll");
    LibrarySet set = set(Map.of());
    assertTrue(set.hasDriver());
    assertTrue(set.findings().stream().allMatch(Diagnosis::healthy), set.findings().toString());
    assertEquals(List.of(driver, parts, compiler, light, blas, dnn), set.files());
    assertEquals(List.of(graph), set.cudnnParts());
  }

  @Test
  void librariesOfPythonPackagesAreFound() throws IOException {
    file("root/Windows/System32/nvcuda.dll");
    file("python/python.exe");
    String packages = "python/Lib/site-packages/nvidia/";
    file(packages + "cublas/bin/cublas64_12.dll");
    file(packages + "cublas/bin/cublasLt64_12.dll");
    file(packages + "cuda_nvrtc/bin/nvrtc64_120_0.dll");
    file(packages + "cudnn/bin/cudnn64_9.dll");
    String path = folder.resolve("other") + ";" + folder.resolve("python");
    LibrarySet set = set(Map.of("PATH", path));
    assertTrue(set.findings().stream().allMatch(Diagnosis::healthy), set.findings().toString());
  }

  @Test
  void missingPiecesAreNamedAsWindowsNamesThem() throws IOException {
    String none = set(Map.of()).findings().toString();
    assertTrue(none.contains("nvcuda.dll was not found"), none);
    assertFalse(set(Map.of()).hasDriver());
    file("root/Windows/System32/nvcuda.dll");
    file("system/cudnn64_8.dll");
    String lacking = set(Map.of("PATH", folder.resolve("system").toString())).findings().toString();
    for (String part :
        List.of(
            "cudnn64_9.dll was not found",
            "cudnn64_8.dll is another release",
            "cublas64_12.dll, cublasLt64_12.dll, nvrtc64_120_0.dll",
            "py -m pip install nvidia-cublas-cu12")) {
      assertTrue(lacking.contains(part), part + " is not in " + lacking);
    }
  }

  @Test
  void cudaThirteenAloneAsksForCudaTwelve() throws IOException {
    file("root/Windows/System32/nvcuda.dll");
    Path release = file(TOOLKITS + "v13.0/bin/x64/cublas64_13.dll").getParent();
    Files.createFile(release.resolve("cublasLt64_13.dll"));
    Files.createFile(release.resolve("nvrtc64_130_0.dll"));
    String findings = set(Map.of()).findings().toString();
    assertTrue(findings.contains("the bridge to it is for Linux"), findings);
    assertTrue(findings.contains("NVIDIA's CUDA 12 toolkit"), findings);
  }

  private LibrarySet set(Map<String, String> environment) {
    LibrarySearch search =
        LibrarySearch.of(
            LibraryNames.WINDOWS, environment, folder.resolve("root"), folder.resolve("home"));
    return LibrarySet.of(search, folder.resolve("cache"));
  }

  private Path file(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
