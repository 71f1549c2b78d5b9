package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceInfo.Kind;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceTuning.Found;
import dev.lamina.device.Diagnosis;
import dev.lamina.device.OpCall;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.op.MatMul;
import dev.lamina.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jocl.CL;
import org.jocl.CLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of machines that this one is not. */
class OpenClDeviceProviderTest {
  private static final String POCL = "Portable Computing Language";
  private static final UnsatisfiedLinkError NO_LOADER =
      new UnsatisfiedLinkError("Implementation library could not be loaded");

  @TempDir Path cache;

  private FakeMachine machine() {
    return new FakeMachine(cache);
  }

  private static List<Diagnosis> diagnose(Machine machine) {
    return new OpenClDeviceProvider(machine).diagnose();
  }

  private static String refusal(Machine machine, int index) {
    DeviceException refused =
        assertThrows(
            DeviceException.class,
            () -> {
              Device opened =
                  new OpenClDeviceProvider(machine).open(index, DeviceOptions.defaults());
              opened.close();
            });
    return refused.getMessage();
  }

  @Test
  void autoTakesGpusThatAreDiscreteOrTuned() throws IOException {
    OpenClDeviceProvider provider =
        new OpenClDeviceProvider(
            machine()
                .with("One", Kind.CPU, Kind.INTEGRATED_GPU)
                .with("Two", Kind.DISCRETE_GPU, Kind.ACCELERATOR));
    List<DeviceInfo> found = provider.discover();
    assertEquals("not a GPU", provider.passedOver(found.get(0)).orElseThrow());
    String untuned = provider.passedOver(found.get(1)).orElseThrow();
    assertTrue(untuned.contains("lamina tune --device opencl:1"), untuned);
    assertTrue(provider.passedOver(found.get(2)).isEmpty());
    assertEquals("not a GPU", provider.passedOver(found.get(3)).orElseThrow());

    for (DeviceInfo info : found) {
      tune(info);
    }
    assertEquals("not a GPU", provider.passedOver(found.get(0)).orElseThrow());
    assertTrue(provider.passedOver(found.get(1)).isEmpty());
    assertEquals("not a GPU", provider.passedOver(found.get(3)).orElseThrow());
    DeviceInfo updated = withDriver(found.get(1), "2.0");
    assertTrue(provider.passedOver(updated).isPresent(), "tuned with another driver");
  }

  @Test
  void fileWithoutFindingsIsNoTuning() throws IOException {
    OpenClDeviceProvider provider =
        new OpenClDeviceProvider(machine().with("One", Kind.INTEGRATED_GPU));
    DeviceInfo info = provider.discover().get(0);
    Path file = tune(info);
    assertTrue(provider.passedOver(info).isEmpty());
    String text = Files.readString(file);
    Files.writeString(file, text.replaceFirst("(?s)\"calls\".*", "\"calls\": {}}"));
    assertTrue(provider.passedOver(info).isPresent());
  }

  /** Keeps a finding as {@code lamina tune} does. */
  private Path tune(DeviceInfo info) throws IOException {
    OpenClTuning tuning =
        new OpenClTuning(new KernelTarget(false, 8), info.fingerprint(), cache.resolve("tuning"));
    TensorSpec square = TensorSpec.f32(8, 8);
    OpCall call = OpCall.of(new MatMul(), 1, square, square);
    tuning.keep(call, new Found(tuning.usual(call).implementation(), 1, 1));
    return tuning.file();
  }

  private static DeviceInfo withDriver(DeviceInfo info, String driver) {
    Map<String, String> libraries = new HashMap<>(info.libraries());
    libraries.put("driver", driver);
    return new DeviceInfo(
        info.name(),
        info.kind(),
        info.description(),
        info.computeUnits(),
        info.memoryBytes(),
        libraries);
  }

  @Test
  void kindsAreThoseOfTheDriversBits() {
    long gpu = CL.CL_DEVICE_TYPE_GPU;
    assertEquals(Kind.DISCRETE_GPU, Hardware.kind(gpu, false));
    assertEquals(Kind.INTEGRATED_GPU, Hardware.kind(gpu, true));
    assertEquals(Kind.DISCRETE_GPU, Hardware.kind(gpu | CL.CL_DEVICE_TYPE_DEFAULT, false));
    assertEquals(Kind.CPU, Hardware.kind(CL.CL_DEVICE_TYPE_CPU, true));
    assertEquals(Kind.ACCELERATOR, Hardware.kind(CL.CL_DEVICE_TYPE_ACCELERATOR, false));
    assertEquals(Kind.ACCELERATOR, Hardware.kind(0, false));
  }

  @Test
  void driverThatFailsHidesNoOther() {
    FakeMachine machine =
        machine().with("One", Kind.CPU).withFailing("Broken").with("Two", Kind.DISCRETE_GPU);
    List<DeviceInfo> found = new OpenClDeviceProvider(machine).discover();
    assertEquals(List.of("opencl:0", "opencl:1"), found.stream().map(DeviceInfo::name).toList());
    assertEquals("Two", found.get(1).libraries().get("OpenCL"));
    List<Diagnosis> findings = diagnose(machine);
    assertEquals(
        List.of("One", "opencl:0", "Broken", "Two", "opencl:1"),
        findings.stream().map(Diagnosis::subject).toList());
    Diagnosis broken = findings.get(2);
    assertFalse(broken.healthy());
    assertTrue(broken.finding().contains("CL_OUT_OF_HOST_MEMORY"), broken.finding());
    assertEquals(Advice.DEBIAN.broken(), broken.advice());
    assertEquals(new Diagnosis("Two", true, "OpenCL 3.0, 1 device", ""), findings.get(3));
  }

  @Test
  void driversThatAllFailAreUnusable() {
    FakeMachine machine = machine().withFailing("Broken").with("Empty");
    DeviceException unusable =
        assertThrows(DeviceException.class, () -> new OpenClDeviceProvider(machine).discover());
    for (String part : List.of("Broken: ", "CL_OUT_OF_HOST_MEMORY", "Empty: no device")) {
      assertTrue(unusable.getMessage().contains(part), unusable.getMessage());
      assertTrue(refusal(machine, 0).contains(part));
    }
  }

  @Test
  void loaderThatFailsIsAFault() {
    Diagnosis finding =
        diagnose(machine().failing(new CLException("CL_OUT_OF_HOST_MEMORY", -6))).get(0);
    assertFalse(finding.healthy());
  }

  @ParameterizedTest
  @EnumSource(Advice.class)
  void whatIsMissingIsToldApart(Advice system) {
    Set<String> findings = new HashSet<>();
    Set<String> advice = new HashSet<>();
    List<FakeMachine> machines =
        List.of(
            machine().without(NO_LOADER),
            machine(),
            machine().with("Empty"),
            machine().with(POCL, Kind.CPU).withoutLinker(),
            machine().withFailing("Broken"),
            machine().without(new UnsatisfiedLinkError("java.io.IOException: No space left")));
    for (FakeMachine machine : machines) {
      List<Diagnosis> all = diagnose(machine.on(system));
      Diagnosis last = all.get(all.size() - 1);
      findings.add(last.finding());
      advice.add(last.advice());
      assertFalse(last.advice().isEmpty(), last.toString());
      // Whoever names the device is told the same.
      String refused = refusal(machine, 0);
      assertTrue(refused.endsWith(last.advice()), refused);
    }
    assertEquals(machines.size(), findings.size(), findings.toString());
    assertEquals(machines.size(), advice.size(), advice.toString());
  }

  @Test
  void absenceIsNoFaultButAFailureIs() {
    assertTrue(diagnose(machine().without(NO_LOADER)).get(0).healthy());
    assertTrue(diagnose(machine()).get(0).healthy());
    assertEquals(
        new Diagnosis("Empty", true, "OpenCL 3.0, no device", Advice.DEBIAN.device()),
        diagnose(machine().with("Empty")).get(0));
    Diagnosis unpacked =
        diagnose(machine().without(new UnsatisfiedLinkError("x.IOException: No space left")))
            .get(0);
    assertEquals("JOCL", unpacked.subject());
    assertFalse(unpacked.healthy());
    assertTrue(unpacked.finding().contains("(No space left)"), unpacked.finding());
    Diagnosis unlinked = diagnose(machine().with(POCL, Kind.CPU).withoutLinker()).get(1);
    assertFalse(unlinked.healthy());
    assertTrue(unlinked.advice().contains("binutils"), unlinked.advice());
  }

  @Test
  void devicesThatCannotBeUsedAreCounted() {
    FakeMachine machine = machine().with("Mixed", null, Kind.DISCRETE_GPU);
    assertEquals(
        "OpenCL 3.0, 2 devices, 1 of them off or without a compiler",
        diagnose(machine).get(0).finding());
    assertEquals("opencl:0", new OpenClDeviceProvider(machine).discover().get(0).name());
    assertTrue(refusal(machine, 1).contains("there are 1 OpenCL devices"));
  }

  @Test
  void systemsAreRecognised() {
    assertEquals(Advice.WINDOWS, Advice.of("Windows 11", List.of()));
    assertEquals(Advice.MAC, Advice.of("Mac OS X", List.of()));
    assertEquals(Advice.DEBIAN, Advice.of("Linux", List.of("NAME=x", "ID=debian")));
    assertEquals(
        Advice.DEBIAN, Advice.of("Linux", List.of("ID=linuxmint", "ID_LIKE=\"ubuntu debian\"")));
    assertEquals(
        Advice.RHEL, Advice.of("Linux", List.of("ID=\"rocky\"", "ID_LIKE=\"rhel centos fedora\"")));
    assertEquals(Advice.LINUX, Advice.of("Linux", List.of("ID=arch")));
    assertEquals(Advice.LINUX, Advice.of("Linux", List.of()));
  }
}
