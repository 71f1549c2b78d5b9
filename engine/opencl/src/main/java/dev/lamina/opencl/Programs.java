package dev.lamina.opencl;

import dev.lamina.device.KernelBuildException;
import dev.lamina.io.AtomicFile;
import dev.lamina.io.CacheFolder;
import dev.lamina.io.TextHash;
import dev.lamina.kernels.Program;
import dev.lamina.kernels.TaskProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_program;
import org.slf4j.LoggerFactory;

/**
 * The compiled programs of a device. Binaries are kept in the user's cache folder by source,
 * options, device and driver; what is damaged or of no use there is compiled again.
 */
final class Programs implements AutoCloseable {
  private static final int KEY_BYTES = 16;

  /**
   * Without further options arithmetic is as strict as OpenCL's default. Drivers print warnings
   * where nobody asked for them, so there are none.
   */
  private static final String OPTIONS = "-cl-std=CL1.2 -w";

  /** For programs of the user's, whose parameters are compared with what they are given. */
  private static final String USER_OPTIONS = OPTIONS + " -cl-kernel-arg-info";

  private final OpenClDevice device;
  private final cl_device_id id;
  private final Path folder;
  private final Map<Program, cl_program> programs = new HashMap<>();

  Programs(OpenClDevice device, cl_device_id id) {
    this(device, id, CacheFolder.standard().resolve("opencl"));
  }

  Programs(OpenClDevice device, cl_device_id id, Path folder) {
    this.device = device;
    this.id = id;
    this.folder = folder;
  }

  /**
   * Returns the compiled program.
   *
   * @throws KernelBuildException if it does not compile
   */
  cl_program get(Program source) {
    return programs.computeIfAbsent(source, this::load);
  }

  private cl_program load(Program source) {
    String text = source.text(Program.Dialect.OPENCL);
    if (source instanceof TaskProgram) {
      // Binaries do not tell of parameters; drivers keep binaries of their own.
      return compile(source, text, USER_OPTIONS);
    }
    Path file = folder.resolve(key(text) + ".bin");
    cl_program stored = stored(file);
    if (stored != null) {
      return stored;
    }
    cl_program program = compile(source, text, OPTIONS);
    store(program, file);
    return program;
  }

  private cl_program compile(Program source, String text, String options) {
    cl_program program =
        Failures.wrap(
            device.name(),
            "loading " + source,
            () ->
                CL.clCreateProgramWithSource(device.context(), 1, new String[] {text}, null, null));
    try {
      CL.clBuildProgram(program, 1, new cl_device_id[] {id}, options, null, null);
      return program;
    } catch (CLException failure) {
      String log = log(program);
      CL.clReleaseProgram(program);
      throw KernelBuildException.of(device.name(), source.toString(), log, failure);
    }
  }

  private String log(cl_program program) {
    long[] size = new long[1];
    CL.clGetProgramBuildInfo(program, id, CL.CL_PROGRAM_BUILD_LOG, 0, null, size);
    byte[] bytes = new byte[(int) size[0]];
    CL.clGetProgramBuildInfo(
        program, id, CL.CL_PROGRAM_BUILD_LOG, bytes.length, Pointer.to(bytes), null);
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "").strip();
  }

  /** Returns null where there is no binary or the driver does not take it. */
  private cl_program stored(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    cl_program program = null;
    try {
      byte[] binary = Files.readAllBytes(file);
      program =
          CL.clCreateProgramWithBinary(
              device.context(),
              1,
              new cl_device_id[] {id},
              new long[] {binary.length},
              new byte[][] {binary},
              null,
              null);
      CL.clBuildProgram(program, 1, new cl_device_id[] {id}, OPTIONS, null, null);
      return program;
    } catch (IOException | CLException unusable) {
      if (program != null) {
        CL.clReleaseProgram(program);
      }
      LoggerFactory.getLogger(Programs.class)
          .warn("{} cannot be used and is compiled again: {}", file, unusable.getMessage());
      return null;
    }
  }

  private void store(cl_program program, Path file) {
    long[] size = new long[1];
    CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
    byte[] binary = new byte[(int) size[0]];
    Pointer target = Pointer.to(binary);
    CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(target), null);
    try {
      Files.createDirectories(folder);
      AtomicFile.write(file, binary);
    } catch (IOException failure) {
      LoggerFactory.getLogger(Programs.class)
          .warn("compiled kernels are not kept: {}", failure.getMessage());
    }
  }

  private String key(String text) {
    String subject = device.info().fingerprint() + "\n" + OPTIONS + "\n" + text;
    return TextHash.of(subject, KEY_BYTES);
  }

  @Override
  public void close() {
    programs.values().forEach(CL::clReleaseProgram);
    programs.clear();
  }
}
