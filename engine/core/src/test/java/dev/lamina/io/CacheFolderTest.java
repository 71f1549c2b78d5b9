package dev.lamina.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFolderTest {
  private static final Path HOME = Path.of("/home/someone");

  @Test
  void laminaHomeGoesFirst() {
    Map<String, String> environment =
        Map.of("LAMINA_HOME", "/data/lamina", "XDG_CACHE_HOME", "/xdg");
    assertEquals(Path.of("/data/lamina"), folder(environment, "Linux"));
    assertEquals(Path.of("/data/lamina"), folder(environment, "Windows 11"));
    assertEquals(Path.of("here").toAbsolutePath(), folder(Map.of("LAMINA_HOME", "here"), "Linux"));
  }

  @Test
  void elseThePlatformsCacheFolder() {
    assertEquals(HOME.resolve(".cache/lamina"), folder(Map.of("LAMINA_HOME", " "), "Linux"));
    assertEquals(Path.of("/xdg/lamina"), folder(Map.of("XDG_CACHE_HOME", "/xdg"), "Linux"));
    assertEquals(HOME.resolve(".cache/lamina"), folder(Map.of("XDG_CACHE_HOME", "xdg"), "Linux"));
    assertEquals(HOME.resolve("Library/Caches/lamina"), folder(Map.of(), "Mac OS X"));
    assertEquals(Path.of("/local/lamina"), folder(Map.of("LOCALAPPDATA", "/local"), "Windows 11"));
    assertEquals(HOME.resolve("AppData/Local/lamina"), folder(Map.of(), "Windows 11"));
  }

  private static Path folder(Map<String, String> environment, String system) {
    return CacheFolder.of(environment, system, HOME.toString());
  }
}
