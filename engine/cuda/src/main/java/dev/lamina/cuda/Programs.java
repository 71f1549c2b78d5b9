package dev.lamina.cuda;

import dev.lamina.cuda.call.Compiler;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.TextHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The compiled programs of a device. PTX is kept in the user's cache folder by source, options and
 * compiler; the driver makes machine code of it and keeps that itself.
 */
final class Programs implements AutoCloseable {
  private static final int KEY_BYTES = 16;

  private final Driver driver;
  private final Compiler compiler;
  private final String[] options;
  private final String compilerVersion;
  private final Path folder;
  private final Map<String, Handle> modules = new HashMap<>();

  /**
   * Makes the programs of a device.
   *
   * @param compilerVersion another compiler makes other PTX
   * @param capability the device's, 10 times major plus minor
   * @param folder where PTX is kept
   */
  Programs(Driver driver, Compiler compiler, String compilerVersion, int capability, Path folder) {
    this.driver = driver;
    this.compiler = compiler;
    this.compilerVersion = compilerVersion;
    this.folder = folder;
    options = new String[] {"--gpu-architecture=compute_" + capability};
  }

  /**
   * Returns a kernel of a program.
   *
   * @param name the program's, for messages
   * @throws dev.lamina.device.KernelBuildException if it does not compile
   */
  Handle function(String name, String source, String kernel) {
    Handle module = modules.get(source);
    if (module == null) {
      module = driver.module(ptx(name, source));
      modules.put(source, module);
    }
    return driver.function(module, kernel);
  }

  private String ptx(String name, String source) {
    Path file = folder.resolve(key(source) + ".ptx");
    try {
      if (Files.exists(file)) {
        return Files.readString(file);
      }
    } catch (IOException unreadable) {
      LoggerFactory.getLogger(Programs.class)
          .warn("{} cannot be read and is compiled again: {}", file, unreadable.getMessage());
    }
    String ptx = compiler.compile(name, source, options);
    try {
      Files.createDirectories(folder);
      AtomicFile.write(file, ptx.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failure) {
      LoggerFactory.getLogger(Programs.class)
          .warn("compiled kernels are not kept: {}", failure.getMessage());
    }
    return ptx;
  }

  private String key(String source) {
    String subject = compilerVersion + "\n" + String.join(" ", options) + "\n" + source;
    return TextHash.of(subject, KEY_BYTES);
  }

  @Override
  public void close() {
    modules.values().forEach(driver::unload);
    modules.clear();
  }
}
