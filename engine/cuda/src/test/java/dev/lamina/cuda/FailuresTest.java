package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cuda.call.CallException;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceLostException;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.Event;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.Precision;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.models.ModelCatalog;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Relu;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.train.Checkpoint;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import dev.lamina.train.TrainingRun;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the device says and does when memory, or the GPU, gives out. */
class FailuresTest {
  @TempDir Path folder;

  @Test
  void outOfMemoryNamesAskedFreeAndArenasAndTheDeviceGoesOn() {
    DryRun dry = DryRun.withMemory(64 << 20);
    try (CudaDevice device = dry.open(folder);
        DeviceArena model = device.arena("model")) {
      model.allocate("parameters", 8 << 20);
      DeviceOutOfMemoryException refused =
          assertThrows(DeviceOutOfMemoryException.class, () -> model.allocate("state", 40 << 20));
      // cuBLAS's scratch is taken as well.
      String free = Integer.toString((64 - 32 - 8) << 20);
      for (String part : List.of("model/state", "41943040", free, "model has 8388608")) {
        assertTrue(refused.getMessage().contains(part), part + ": " + refused.getMessage());
      }
      assertEquals(1 << 20, model.allocate("state", 1 << 20).bytes());
    }
    dry.assertClean();
  }

  @Test
  void gpuThatOthersHaveFilledIsNamed() {
    DryRun dry = DryRun.withMemory(1 << 20);
    DeviceException refused = assertThrows(DeviceException.class, () -> dry.open(folder));
    assertEquals(
        "cuda:0: opening the device, which other processes may use as well: cuMemAlloc failed with"
            + " CUDA_ERROR_OUT_OF_MEMORY",
        refused.getMessage());
  }

  @Test
  void workThatFailedOnOneStreamDoesNotHideTheOther() {
    DryRun dry = DryRun.withMemory(1L << 30);
    try (CudaDevice device = dry.open(folder)) {
      int before = dry.waits();
      dry.refuseWaitAfter(0);
      assertThrows(DeviceException.class, device::finish);
      assertEquals(before + 2, dry.waits());
    }
    dry.assertClean();
  }

  @Test
  void memoryLimitBinds() {
    DryRun dry = DryRun.withMemory(1L << 30);
    DeviceOptions options = DeviceOptions.defaults().withMemoryLimit(1 << 20);
    try (CudaDevice device = dry.open(folder, options);
        DeviceArena arena = device.arena("model")) {
      arena.allocate("most", 900_000);
      assertThrows(DeviceOutOfMemoryException.class, () -> arena.allocate("more", 900_000));
    }
    dry.assertClean();
  }

  @Test
  void gpuWithoutTheTensorCoresSaysWhatItOffers() {
    DryRun dry = DryRun.withMemory(1L << 30);
    DeviceOptions options = DeviceOptions.defaults().withPrecision(Precision.BF16);
    DeviceException refused =
        assertThrows(DeviceException.class, () -> dry.open(folder, options, 75));
    assertEquals(
        "cuda:0 (compute capability 7.5) offers [f32], not bf16; leave the precision out",
        refused.getMessage());
    try (CudaDevice device = dry.open(folder, options, 80)) {
      assertEquals(Precision.BF16, device.precision());
      assertTrue(device.fingerprint().endsWith(" bf16"), device.fingerprint());
    }
  }

  @Test
  void ordinaryErrorIsNamedAndTheDeviceGoesOn() {
    DryRun dry = DryRun.withMemory(1L << 30);
    try (CudaDevice device = dry.open(folder)) {
      DeviceException named =
          assertThrows(
              DeviceException.class,
              () ->
                  device.attributed(
                      "launching relu",
                      () -> {
                        throw new CallException("cuLaunchKernel", "CUDA_ERROR_INVALID_VALUE");
                      }));
      assertEquals(
          "cuda:0: launching relu: cuLaunchKernel failed with CUDA_ERROR_INVALID_VALUE",
          named.getMessage());
      device.compute().sync();
    }
    dry.assertClean();
  }

  @Test
  void stickyErrorLosesTheDeviceAndNamesTheLastLaunches() {
    CudaDevice device = DryRun.withMemory(1L << 30).open(folder);
    device.launched("step");
    DeviceException lost =
        assertThrows(
            DeviceLostException.class,
            () ->
                device.attributed(
                    "work in the stream",
                    () -> {
                      throw new CallException("cuStreamSynchronize", "CUDA_ERROR_ILLEGAL_ADDRESS");
                    }));
    for (String part : List.of("device lost", "ILLEGAL_ADDRESS", "[step]", "sync=each")) {
      assertTrue(lost.getMessage().contains(part), lost.getMessage());
    }
    // Nothing can be read any more, so no checkpoint is made of what is there.
    assertThrows(DeviceLostException.class, () -> device.compute().sync());
    assertThrows(DeviceException.class, () -> device.arena("late"));
    device.close();
  }

  /** The driver answers every call with the error from then on. */
  @Test
  void poisonedContextEndsTheRunWithoutACheckpoint() {
    SampleSpec spec = SampleSpec.of(DataType.U8, 1, 28, 28, 10);
    InMemoryDataset data =
        InMemoryDataset.ofPixels(
            "grey", spec, Normalization.identity(1), new byte[40 * spec.bytes()], new int[40]);
    TrainingOptions options = TrainingOptions.defaults().withEpochs(3).withBatchSize(4);
    Path file = folder.resolve("last.safetensors");
    DryRun dry = DryRun.withMemory(1L << 30);
    CudaDevice device = dry.open(folder);
    Model model = Model.create(device, ModelCatalog.find("lenet5").graph(spec), 5, new Choices());
    TrainingRun run = Trainer.start(model, data, Optional.empty(), options);
    dry.poisonAfter(2);
    DeviceLostException lost = assertThrows(DeviceLostException.class, run::run);
    for (String part : List.of("device lost", "ILLEGAL_ADDRESS", "step, update, end]")) {
      assertTrue(lost.getMessage().contains(part), lost.getMessage());
    }
    assertThrows(DeviceLostException.class, () -> Checkpoint.save(file, run));
    assertFalse(Files.exists(file), "a checkpoint of what is lost");
    // Closing a run waits for its work, and says that there is none to wait for.
    assertThrows(DeviceLostException.class, run::close);
    model.close();
    device.close();
  }

  @Test
  void warmUpAndSearchTouchScratchAlone() {
    DryRun dry = DryRun.withMemory(1L << 30);
    try (CudaDevice device = dry.open(folder);
        DeviceArena model = device.arena("model")) {
      CudaBuffer parameters = (CudaBuffer) model.allocate("parameters", 1 << 20);
      dry.protect(parameters.memory());
      TensorSpec x = TensorSpec.f32(2, 3, 8, 8);
      OpCall call = OpCall.of(new Conv2d(Window.of(3).pad(1)), 1, x, TensorSpec.f32(4, 3, 3, 3));
      int before = dry.eagerLaunches();
      try (PreparedOp prepared = device.prepare(call, device.ways(call).get(0))) {
        assertTrue(dry.eagerLaunches() > before, "it runs once before it is recorded");
        assertEquals(12_345, prepared.workspaceBytes());
      }
      assertEquals(1 << 20, model.bytesInUse());
    }
    dry.assertClean();
  }

  @Test
  void steadyStepsMakeNoEvents() {
    DryRun dry = DryRun.withMemory(1L << 30);
    try (CudaDevice device = dry.open(folder)) {
      for (int step = 0; step < 100; step++) {
        Event event = device.compute().record();
        device.copy().waitFor(event);
        event.await();
      }
      assertEquals(1, device.events().all().size());
    }
    dry.assertClean();
  }

  @Test
  void compiledKernelsAreKept() throws Exception {
    for (int run = 0; run < 2; run++) {
      DryRun dry = DryRun.withMemory(1L << 30);
      TensorSpec four = TensorSpec.f32(4);
      OpCall call = OpCall.of(new Relu(), 1, four);
      try (CudaDevice device = dry.open(folder);
          DeviceArena arena = device.arena("model")) {
        Way way = device.ways(call).get(0);
        DeviceBuffer x = arena.allocate("x", 16);
        DeviceBuffer y = arena.allocate("y", 16);
        try (PreparedOp relu = device.prepare(call, way);
            Replay replay =
                device.record(
                    List.of(
                        new Phase(
                            "relu", List.of(List.of(relu.bind(List.of(x), List.of(y), null))))))) {
          device.compute().upload(ByteBuffer.allocate(16), x);
          device.compute().launch(replay);
          device.compute().sync();
        }
      }
      dry.assertClean();
      try (var files = Files.list(folder.resolve("cuda").resolve("ptx"))) {
        assertEquals(1, files.count());
      }
    }
  }
}
