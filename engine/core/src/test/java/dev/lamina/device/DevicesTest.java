package dev.lamina.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Finding and choosing devices, with providers that have none but say which was asked for. */
class DevicesTest {
  /** Refuses to open, naming what it was asked, since a real device is not needed here. */
  abstract static class Toy implements DeviceProvider {
    @Override
    public Device open(int index, DeviceOptions options) {
      throw new DeviceException(
          "asked for " + family() + " " + index + " with " + options.threads() + " threads");
    }

    @Override
    public List<Diagnosis> diagnose() {
      return List.of();
    }

    DeviceInfo info(int index, DeviceInfo.Kind kind) {
      return new DeviceInfo(family() + ":" + index, kind, "Toy", 1, 1, Map.of());
    }
  }

  /** The CPU, always there. */
  public static final class Cpu extends Toy {
    @Override
    public String family() {
      return "cpu";
    }

    @Override
    public int preference() {
      return 0;
    }

    @Override
    public List<DeviceInfo> discover() {
      return List.of(new DeviceInfo("cpu", DeviceInfo.Kind.CPU, "Toy", 1, 1, Map.of()));
    }
  }

  /** A family that passes over all that is not discrete; what real ones do is tested with them. */
  public static class OpenCl extends Toy {
    @Override
    public String family() {
      return "opencl";
    }

    @Override
    public int preference() {
      return 1;
    }

    @Override
    public Optional<String> passedOver(DeviceInfo device) {
      return device.kind() == DeviceInfo.Kind.DISCRETE_GPU
          ? Optional.empty()
          : Optional.of("too slow");
    }

    @Override
    public List<DeviceInfo> discover() {
      return List.of(info(0, DeviceInfo.Kind.INTEGRATED_GPU));
    }
  }

  /** OpenCL with a discrete GPU as its second device. */
  public static final class OpenClDiscrete extends OpenCl {
    @Override
    public List<DeviceInfo> discover() {
      return List.of(
          info(0, DeviceInfo.Kind.INTEGRATED_GPU), info(1, DeviceInfo.Kind.DISCRETE_GPU));
    }
  }

  /** CUDA with a broken library. */
  public static class Cuda extends Toy {
    @Override
    public String family() {
      return "cuda";
    }

    @Override
    public int preference() {
      return 2;
    }

    @Override
    public List<DeviceInfo> discover() {
      throw new DeviceException("libcudnn.so.9 not found");
    }
  }

  /** CUDA that works. */
  public static final class CudaWorking extends Cuda {
    @Override
    public List<DeviceInfo> discover() {
      return List.of(info(0, DeviceInfo.Kind.DISCRETE_GPU));
    }
  }

  /** CUDA without a GPU. */
  public static final class CudaEmpty extends Cuda {
    @Override
    public List<DeviceInfo> discover() {
      return List.of();
    }
  }

  @TempDir Path folder;

  @Test
  void autoPrefersCudaThenDiscreteOpenClThenCpu() throws Throwable {
    withProviders(
        () -> {
          assertEquals("cuda:0", Devices.auto().toString());
          assertEquals(
              List.of("cuda", "opencl", "cpu"),
              Devices.providers().stream().map(DeviceProvider::family).toList());
        },
        Cpu.class,
        OpenClDiscrete.class,
        CudaWorking.class);
    withProviders(
        () ->
            assertEquals(
                "opencl:1 (cuda: no device found; opencl:0 Toy: too slow)",
                Devices.auto().toString()),
        Cpu.class,
        OpenClDiscrete.class,
        CudaEmpty.class);
    withProviders(
        () ->
            assertEquals(
                "cpu (cuda unusable: libcudnn.so.9 not found; opencl:0 Toy: too slow)",
                Devices.auto().toString()),
        Cpu.class,
        OpenCl.class,
        Cuda.class);
  }

  @Test
  void namesLeadToFamilyAndIndex() throws Throwable {
    withProviders(
        () -> {
          assertRefused("opencl:3", "asked for opencl 3 with 0 threads");
          assertRefused("opencl", "asked for opencl 0 with 0 threads");
          assertRefused("auto", "asked for cpu 0 with 0 threads");
          DeviceOptions two = DeviceOptions.defaults().withThreads(2);
          DeviceException asked =
              assertThrows(DeviceException.class, () -> Devices.open("cpu", two));
          assertEquals("asked for cpu 0 with 2 threads", asked.getMessage());
        },
        Cpu.class,
        OpenCl.class,
        Cuda.class);
  }

  @Test
  void wrongNamesAreExplained() throws Throwable {
    withProviders(
        () -> {
          assertRefused("opncl:0", "available: opencl, cpu");
          assertRefused("opncl:0", "did you mean opencl?");
          assertRefused("cpu:one", "must be a number from 0, not one");
          assertRefused("cpu:-1", "must be a number from 0, not -1");
          assertRefused("cuda", "unknown family cuda");
        },
        Cpu.class,
        OpenCl.class);
  }

  @Test
  void withoutFamiliesItSaysWhatToAdd() throws Throwable {
    withProviders(
        () -> {
          assertRefused("cpu", "add dev.lamina:lamina-cpu");
          assertRefused("auto", "no device family is on the class path");
        });
    withProviders(() -> assertRefused("auto", "cuda unusable: libcudnn.so.9"), Cuda.class);
  }

  @Test
  void optionsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> DeviceOptions.defaults().withThreads(-1));
    assertThrows(
        IllegalArgumentException.class, () -> DeviceOptions.defaults().withMemoryLimit(-1));
    assertEquals(
        new DeviceOptions(3, 7, Precision.BF16),
        new DeviceOptions(3, 0, Precision.F32).withMemoryLimit(7).withPrecision(Precision.BF16));
  }

  private static void assertRefused(String name, String reason) {
    DeviceException refused = assertThrows(DeviceException.class, () -> Devices.open(name));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  /** Runs a test with just these providers on the class path. */
  private void withProviders(Executable test, Class<?>... providers) throws Throwable {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(DeviceProvider.class.getName()),
        Arrays.stream(providers).map(Class::getName).collect(Collectors.joining("\n")));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = isolated()) {
      thread.setContextClassLoader(loader);
      test.execute();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Takes classes from the tests but services from the folder alone. */
  private URLClassLoader isolated() throws IOException {
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, DevicesTest.class.getClassLoader()) {
      @Override
      public Enumeration<URL> getResources(String name) throws IOException {
        return findResources(name);
      }
    };
  }
}
