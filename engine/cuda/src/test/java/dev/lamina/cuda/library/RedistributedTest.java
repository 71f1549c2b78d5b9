package dev.lamina.cuda.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Diagnosis;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The artifact with NVIDIA's libraries, as a small jar with files of the same names. */
class RedistributedTest {
  private static final List<String> NAMES =
      List.of(
          "libcublas.so.12",
          "libcublasLt.so.12",
          "libnvrtc.so.12",
          "libnvrtc-builtins.so.12.6",
          "libcudnn.so.9",
          "libcudnn_graph.so.9",
          "libcufft.so.11");

  @TempDir Path folder;

  @Test
  void whatTheClassPathHoldsIsUnpackedOnceAndFoundFirst() throws Exception {
    Path cache = folder.resolve("cache");
    Path driver = file("root/usr/lib/libcuda.so.1");
    file("root/usr/lib/libcudnn.so.9");
    try (URLClassLoader classPath = new URLClassLoader(new URL[] {jar().toUri().toURL()}, null)) {
      Path unpacked = Redistributed.folder(classPath, cache).orElseThrow();
      assertEquals("of libcublas.so.12", Files.readString(unpacked.resolve("libcublas.so.12")));
      assertTrue(Files.notExists(unpacked.resolve("libcufft.so.11")), "nobody calls it");
      FileTime then = FileTime.fromMillis(1_000_000);
      Files.setLastModifiedTime(unpacked.resolve("libcudnn.so.9"), then);
      Files.writeString(unpacked.resolve("libnvrtc.so.12"), "cut");
      assertEquals(Optional.of(unpacked), Redistributed.folder(classPath, cache));
      assertEquals(then, Files.getLastModifiedTime(unpacked.resolve("libcudnn.so.9")));
      assertEquals("of libnvrtc.so.12", Files.readString(unpacked.resolve("libnvrtc.so.12")));
      LibrarySearch search =
          LibrarySearch.of(
              LibraryNames.LINUX, Map.of(), folder.resolve("root"), folder.resolve("home"));
      search.prefer(unpacked);
      LibrarySet set = LibrarySet.of(search, cache);
      assertTrue(set.findings().stream().allMatch(Diagnosis::healthy), set.findings().toString());
      assertEquals(driver, set.files().get(0));
      assertEquals(unpacked.resolve("libcudnn.so.9"), set.files().get(set.files().size() - 1));
      assertEquals(List.of(unpacked.resolve("libcudnn_graph.so.9")), set.cudnnParts());
    }
  }

  @Test
  void classPathWithoutThemChangesNothing() throws Exception {
    try (URLClassLoader classPath = new URLClassLoader(new URL[0], null)) {
      assertEquals(Optional.empty(), Redistributed.folder(classPath, folder));
    }
    assertEquals(0, folder.toFile().list().length);
  }

  private Path jar() throws IOException {
    Path jar = folder.resolve("redist.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file)) {
      for (String name : NAMES) {
        entries.putNextEntry(new JarEntry("org/bytedeco/cuda/linux-x86_64/" + name));
        entries.write(("of " + name).getBytes(StandardCharsets.UTF_8));
        entries.closeEntry();
      }
    }
    return jar;
  }

  private Path file(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
