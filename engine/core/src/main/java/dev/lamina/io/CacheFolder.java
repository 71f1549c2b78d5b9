package dev.lamina.io;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Finds the folder for what Lamina may keep and can get again. */
public final class CacheFolder {
  private CacheFolder() {}

  /** Returns {@code LAMINA_HOME} or else the cache folder that the platform prescribes. */
  public static Path standard() {
    return of(System.getenv());
  }

  /** Returns the folder for a process with such environment variables. */
  public static Path of(Map<String, String> environment) {
    return of(environment, System.getProperty("os.name"), System.getProperty("user.home"));
  }

  static Path of(Map<String, String> environment, String system, String userHome) {
    String home = environment.getOrDefault("LAMINA_HOME", "");
    if (!home.isBlank()) {
      return Path.of(home).toAbsolutePath().normalize();
    }
    String os = system.toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return local.isBlank()
          ? Path.of(userHome, "AppData", "Local", "lamina")
          : Path.of(local, "lamina");
    }
    if (os.startsWith("mac")) {
      return Path.of(userHome, "Library", "Caches", "lamina");
    }
    // The XDG specification says that a relative path is to be ignored.
    Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
    return xdg.isAbsolute() ? xdg.resolve("lamina") : Path.of(userHome, ".cache", "lamina");
  }
}
