package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  @TempDir Path folder;
  private Path root;
  private Path home;

  @BeforeEach
  void lay() {
    root = folder.resolve("root");
    home = folder.resolve("home");
  }

  @Test
  void toolkitsAreFoundTheNewestFirst() throws IOException {
    file("root/usr/local/cuda-12.4/lib64/libnvrtc.so.12");
    Path newest = file("root/usr/local/cuda-12.10/lib64/libnvrtc.so.12");
    assertEquals(Optional.of(newest), search(Map.of()).find("libnvrtc.so.12"));
  }

  @Test
  void foldersOfTheUsersComeFirst() throws IOException {
    file("root/usr/lib/x86_64-linux-gnu/libcudnn.so.9");
    Path own = file("mine/lib/libcudnn.so.9");
    Map<String, String> environment =
        Map.of(LibrarySearch.VARIABLE, folder.resolve("mine").toString());
    assertEquals(Optional.of(own), search(environment).find("libcudnn.so.9"));
  }

  @Test
  void packagesOfAnActivePythonAreFound() throws IOException {
    file("venv/bin/python3");
    Path cudnn = file("venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    Path cublas = file("venv/lib/python3.12/site-packages/nvidia/cu13/lib/libcublas.so.13");
    LibrarySearch search = search(Map.of("PATH", folder.resolve("venv/bin").toString()));
    assertEquals(Optional.of(cudnn), search.find("libcudnn.so.9"));
    assertEquals(Optional.of(cublas), search.find("libcublas.so.13"));
  }

  @Test
  void interpretersAreFollowedLinkByLink() throws IOException {
    Path base = file("base/bin/python3.12");
    Path environment = Files.createDirectories(folder.resolve("venv/bin")).resolve("python3");
    Files.createSymbolicLink(environment, base);
    Path onPath = Files.createDirectories(folder.resolve("usr/bin")).resolve("python3");
    Files.createSymbolicLink(onPath, environment);
    Path cudnn = file("venv/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    LibrarySearch search = search(Map.of("PATH", onPath.getParent().toString()));
    assertEquals(Optional.of(cudnn), search.find("libcudnn.so.9"));
  }

  @Test
  void foldersOfTheLoaderAreRead() throws IOException {
    Files.createDirectories(root.resolve("etc/ld.so.conf.d"));
    Files.writeString(root.resolve("etc/ld.so.conf.d/nvidia.conf"), "# driver\n/opt/driver/lib\n");
    Path driver = file("root/opt/driver/lib/libcuda.so.1");
    assertEquals(Optional.of(driver), search(Map.of()).find("libcuda.so.1"));
  }

  @Test
  void emptyMachineHasNothing() {
    assertEquals(Optional.empty(), search(Map.of()).find("libcuda.so.1"));
    assertEquals(0, search(Map.of()).folders().size());
  }

  private LibrarySearch search(Map<String, String> environment) {
    return LibrarySearch.of(LibraryNames.LINUX, environment, root, home);
  }

  private Path file(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
