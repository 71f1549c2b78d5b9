package dev.lamina.opencl;

import dev.lamina.device.KernelBuildException;
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
  /** What compiles programs and gives their binaries; tests count, and let the driver refuse. */
  interface Compiler {
    /** The driver's own. */
    Compiler DRIVER =
        new Compiler() {
          @Override
          public void compile(cl_program program, cl_device_id id, String options) {
            CL.clBuildProgram(program, 1, new cl_device_id[] {id}, options, null, null);
          }

          @Override
          public byte[] binary(cl_program program) {
            long[] size = new long[1];
            CL.clGetProgramInfo(
                program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
            byte[] binary = new byte[(int) size[0]];
            if (binary.length > 0) {
              Pointer target = Pointer.to(Pointer.to(binary));
              CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, target, null);
            }
            return binary;
          }
        };

    /**
     * Compiles a program that was made of its text.
     *
     * @throws CLException if the driver refuses
     */
    void compile(cl_program program, cl_device_id id, String options);

    /**
     * Returns the binary of a compiled program, empty where the driver gives none.
     *
     * @throws CLException if the driver refuses
     */
    byte[] binary(cl_program program);
  }

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
  private final String fingerprint;
  private final Path folder;
  private final Compiler compiler;
  private final Map<Program, cl_program> programs = new HashMap<>();

  /**
   * Makes the programs of a device.
   *
   * @param fingerprint of the device and its driver: others make other binaries
   * @param folder where binaries are kept
   */
  Programs(OpenClDevice device, String fingerprint, Path folder, Compiler compiler) {
    this.device = device;
    this.id = device.id();
    this.fingerprint = fingerprint;
    this.folder = folder;
    this.compiler = compiler;
  }

  /**
   * Returns the compiled program.
   *
   * @throws KernelBuildException if it does not compile
   * @throws dev.lamina.device.DeviceException if the driver refuses for another reason
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
      compiler.compile(program, id, options);
      return program;
    } catch (CLException failure) {
      boolean rejected = failure.getStatus() == CL.CL_BUILD_PROGRAM_FAILURE;
      String log = rejected ? log(program) : "";
      release(program);
      throw rejected
          ? KernelBuildException.of(device.name(), source.toString(), log, failure)
          : Failures.of(device.name(), "compiling " + source, failure);
    }
  }

  /** Returns what the compiler said; a driver that does not tell must not hide that it failed. */
  private String log(cl_program program) {
    try {
      long[] size = new long[1];
      CL.clGetProgramBuildInfo(program, id, CL.CL_PROGRAM_BUILD_LOG, 0, null, size);
      byte[] bytes = new byte[(int) size[0]];
      CL.clGetProgramBuildInfo(
          program, id, CL.CL_PROGRAM_BUILD_LOG, bytes.length, Pointer.to(bytes), null);
      return new String(bytes, StandardCharsets.UTF_8).replace("\0", "").strip();
    } catch (CLException untold) {
      return "the driver gives no log: " + untold.getMessage();
    }
  }

  /** Returns null where there is no binary or the driver does not take it. */
  private cl_program stored(Path file) {
    if (!Files.exists(file)) {
      return null;
    }
    cl_program program = null;
    try {
      byte[] binary = KeptBinary.read(file);
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
        release(program);
      }
      LoggerFactory.getLogger(Programs.class)
          .warn("a program is compiled again: {}", reason(file, unusable));
      return null;
    }
  }

  private static String reason(Path file, Exception unusable) {
    return unusable instanceof CLException
        ? "the driver does not take " + file + ": " + unusable.getMessage()
        : unusable.getMessage();
  }

  /** Keeps the binary; a run that cannot compiles again at the next start, and goes on. */
  private void store(cl_program program, Path file) {
    try {
      byte[] binary = compiler.binary(program);
      if (binary.length > 0) {
        KeptBinary.write(file, binary);
      }
    } catch (IOException | CLException failure) {
      LoggerFactory.getLogger(Programs.class)
          .warn("compiled kernels are not kept: {}", failure.getMessage());
    }
  }

  private String key(String text) {
    String subject = String.join("\n", KeptBinary.FORM, fingerprint, OPTIONS, text);
    return TextHash.of(subject, KEY_BYTES);
  }

  @Override
  public void close() {
    programs.values().forEach(this::release);
    programs.clear();
  }

  private void release(cl_program program) {
    Failures.release(device.name(), "a program", () -> CL.clReleaseProgram(program));
  }
}
