package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.KernelBuildException;
import dev.lamina.device.OpCall;
import dev.lamina.kernels.Program;
import dev.lamina.op.Relu;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept of compiled programs, and what is said where the driver does not compile. */
class ProgramsTest {
  private static final Program TWICE =
      dialect -> "__kernel void twice(__global float* x) { x[get_global_id(0)] *= 2; }";

  /** The driver's compiler, counted, which may refuse. */
  private static final class Counted implements Programs.Compiler {
    private int compiled;
    private int compileStatus = CL.CL_SUCCESS;
    private int binaryStatus = CL.CL_SUCCESS;
    private boolean empty;

    @Override
    public void compile(cl_program program, cl_device_id id, String options) {
      compiled++;
      refuse(compileStatus);
      DRIVER.compile(program, id, options);
    }

    @Override
    public byte[] binary(cl_program program) {
      refuse(binaryStatus);
      return empty ? new byte[0] : DRIVER.binary(program);
    }

    private static void refuse(int status) {
      if (status != CL.CL_SUCCESS) {
        throw new CLException("refused", status);
      }
    }
  }

  /** What may become of a file. */
  enum Damage {
    EMPTY(whole -> new byte[0]),
    HEAD(whole -> Arrays.copyOf(whole, 40)),
    HALF(whole -> Arrays.copyOf(whole, whole.length / 2)),
    CHANGED(
        whole -> {
          byte[] changed = whole.clone();
          changed[changed.length / 2] ^= 1;
          return changed;
        });

    private final UnaryOperator<byte[]> damage;

    Damage(UnaryOperator<byte[]> damage) {
      this.damage = damage;
    }
  }

  private final Counted compiler = new Counted();

  @TempDir Path cache;

  private OpenClDevice device;

  @BeforeEach
  void open() {
    FirstDevice.require();
    device =
        new OpenClDevice(
            Hardware.all().get(0),
            DeviceOptions.defaults(),
            true,
            OpenClDevice.LARGEST_INLINE,
            BufferSource.ZEROED,
            OpenClStream.Marker.PLAIN,
            cache);
  }

  @AfterEach
  void close() {
    if (device != null) {
      device.close();
    }
  }

  /** Asks for the program as a process does that starts anew. */
  private void start(String fingerprint) {
    Path folder = cache.resolve("programs");
    try (Programs programs = new Programs(device, fingerprint, folder, compiler)) {
      cl_program program = programs.get(TWICE);
      assertEquals(program, programs.get(TWICE));
      cl_kernel kernel = CL.clCreateKernel(program, "twice", null);
      CL.clReleaseKernel(kernel);
    }
  }

  private Set<Path> kept(String folder) throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve(folder))) {
      return files.collect(Collectors.toSet());
    }
  }

  @Test
  void secondStartCompilesNothing() throws IOException {
    start("driver 1");
    assertEquals(1, compiler.compiled);
    assertEquals(1, kept("programs").size());
    start("driver 1");
    assertEquals(1, compiler.compiled);
  }

  @Test
  void anotherDriverCompilesAnew() throws IOException {
    start("driver 1");
    start("driver 2");
    assertEquals(2, compiler.compiled);
    assertEquals(2, kept("programs").size());
    start("driver 1");
    start("driver 2");
    assertEquals(2, compiler.compiled);
  }

  @ParameterizedTest
  @EnumSource
  void damagedFileIsCompiledAgainAndReplaced(Damage damage) throws IOException {
    start("driver 1");
    Path file = kept("programs").iterator().next();
    byte[] damaged = damage.damage.apply(Files.readAllBytes(file));
    Files.write(file, damaged);
    start("driver 1");
    assertEquals(2, compiler.compiled);
    assertEquals(Set.of(file), kept("programs"));
    start("driver 1");
    assertEquals(2, compiler.compiled, "the file was not replaced");
  }

  @Test
  void binaryThatTheDriverRefusesIsCompiledAgainAndReplaced() throws IOException {
    start("driver 1");
    Path file = kept("programs").iterator().next();
    KeptBinary.write(file, "no binary of any driver".getBytes(StandardCharsets.UTF_8));
    start("driver 1");
    assertEquals(2, compiler.compiled);
    start("driver 1");
    assertEquals(2, compiler.compiled, "the file was not replaced");
  }

  @Test
  void driverWithoutBinariesIsNoFailure() {
    compiler.binaryStatus = CL.CL_INVALID_VALUE;
    start("driver 1");
    compiler.binaryStatus = CL.CL_SUCCESS;
    compiler.empty = true;
    start("driver 1");
    assertEquals(2, compiler.compiled);
    assertTrue(Files.notExists(cache.resolve("programs")), "an empty binary was kept");
  }

  @Test
  void deviceKeepsItsProgramsInItsFolder() throws IOException {
    OpCall call = OpCall.of(new Relu(), 1, TensorSpec.f32(16));
    device.prepare(call, device.ways(call).get(0)).close();
    Path file = kept("opencl").iterator().next();
    assertTrue(KeptBinary.read(file).length > 0);
    assertEquals(1, kept("opencl").size());
  }

  @Test
  void onlyErrorsOfTheTextAreErrorsOfTheKernel() {
    compiler.compileStatus = CL.CL_DEVICE_NOT_AVAILABLE;
    assertThrows(DeviceLostException.class, () -> start("driver 1"));
    compiler.compileStatus = CL.CL_OUT_OF_HOST_MEMORY;
    assertThrows(DeviceOutOfMemoryException.class, () -> start("driver 1"));
    compiler.compileStatus = CL.CL_COMPILER_NOT_AVAILABLE;
    DeviceException refused = assertThrows(DeviceException.class, () -> start("driver 1"));
    assertEquals(DeviceException.class, refused.getClass());
    assertTrue(refused.getMessage().contains("CL_COMPILER_NOT_AVAILABLE"), refused.getMessage());
    compiler.compileStatus = CL.CL_BUILD_PROGRAM_FAILURE;
    assertThrows(KernelBuildException.class, () -> start("driver 1"));
  }

  @Test
  void binariesComeBackAsTheyWere() throws IOException {
    Path file = cache.resolve("new").resolve("a.bin");
    byte[] binary = {1, 2, 3};
    KeptBinary.write(file, binary);
    assertArrayEquals(binary, KeptBinary.read(file));
    IOException missing =
        assertThrows(IOException.class, () -> KeptBinary.read(cache.resolve("b.bin")));
    for (String part : List.of("b.bin", "no such file")) {
      assertTrue(missing.getMessage().contains(part), missing.getMessage());
    }
  }
}
