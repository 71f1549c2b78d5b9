package dev.lamina.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.ConvolutionShape;
import dev.lamina.cuda.call.Dnn;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Gemm;
import dev.lamina.cuda.call.Handle;
import dev.lamina.cuda.call.Libraries;
import dev.lamina.device.Precision;
import dev.lamina.op.Window;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each fault that the stand-in is there to find, made on purpose. */
class DryRunTest {
  private static final String SOURCE =
      "extern \"C\" __global__ void __launch_bounds__(64) k(float* x, int n, float s) {}";

  private final DryRun dry = DryRun.withMemory(1 << 20);
  private final Libraries libraries = dry.libraries();
  private final Driver driver = libraries.driver();
  private Handle stream;
  private Handle kernel;

  @BeforeEach
  void open() {
    driver.enter();
    stream = driver.stream();
    kernel = driver.function(driver.module(SOURCE), "k");
  }

  private void launch(long address, long bytes) {
    driver.launch(
        stream,
        kernel,
        1,
        64,
        List.of(new Memory(address, bytes), new Argument.Int(3), new Argument.Real(1)));
  }

  private static void assertFound(String part, Executable fault) {
    AssertionError found = assertThrows(AssertionError.class, fault);
    assertTrue(found.getMessage().contains(part), found.getMessage());
  }

  @Test
  void operandThatRunsOverItsAllocation() {
    long address = driver.allocate(1000);
    launch(address + 500, 500);
    assertFound("not allocated", () -> launch(address + 501, 500));
  }

  @Test
  void graphThatOutlivesItsMemory() {
    long address = driver.allocate(1000);
    driver.beginCapture(stream);
    launch(address, 1000);
    Handle graph = driver.endCapture(stream);
    driver.launchGraph(stream, graph);
    driver.free(address);
    assertFound("not allocated", () -> driver.launchGraph(stream, graph));
  }

  @Test
  void recordingThatAllocatesWaitsLoadsOrCopies() {
    long address = driver.allocate(16);
    driver.beginCapture(stream);
    assertFound("inside a recording", () -> driver.allocate(16));
    assertFound("inside a recording", () -> driver.free(address));
    assertFound("inside a recording", () -> driver.synchronize(stream));
    assertFound("inside a recording", () -> driver.module(SOURCE));
    assertFound("inside a recording", () -> driver.event());
    ByteBuffer host = ByteBuffer.allocateDirect(16);
    assertFound("inside a recording", () -> driver.upload(stream, host, address));
  }

  @Test
  void handleThatIsUsedOrDestroyedAfterItsEnd() {
    Handle event = driver.event();
    driver.destroyEvent(event);
    assertFound("no living event", () -> driver.record(event, stream));
    assertFound("no living event", () -> driver.destroyEvent(event));
    assertFound("no living graph", () -> driver.launchGraph(stream, stream));
  }

  @Test
  void argumentsThatDoNotFitTheKernel() {
    long address = driver.allocate(16);
    Memory x = new Memory(address, 16);
    assertFound(
        "takes [Memory, Int, Real]",
        () -> driver.launch(stream, kernel, 1, 64, List.of(x, new Argument.Int(3))));
    assertFound("no kernel j", () -> driver.function(driver.module(SOURCE), "j"));
  }

  @Test
  void threadWithoutTheContext() throws InterruptedException {
    AssertionError[] found = new AssertionError[1];
    Thread other =
        new Thread(() -> found[0] = assertThrows(AssertionError.class, () -> driver.allocate(16)));
    other.start();
    other.join();
    assertTrue(found[0].getMessage().contains("thread"), found[0].getMessage());
  }

  @Test
  void libraryWithoutStreamAndResultOverOperand() {
    long address = driver.allocate(4096);
    Gemm gemm = new Gemm(4, 4, 4, false, false, Precision.F32);
    assertFound("neither stream", () -> libraries.blas().multiply(gemm, address, address, address));
    libraries.blas().use(stream, address + 2048, 1024);
    assertFound(
        "writes over", () -> libraries.blas().multiply(gemm, address, address + 64, address + 32));
    Dnn dnn = libraries.dnn();
    dnn.use(stream);
    ConvolutionShape wrong =
        new ConvolutionShape(1, 1, 5, 5, 1, 4, 4, Window.of(3), 1, Precision.F32);
    assertFound("does not fit together", () -> dnn.describe(wrong));
  }

  @Test
  void whatIsLeftAtTheEnd() {
    long address = driver.allocate(16);
    assertFound("still allocated", dry::assertClean);
    driver.free(address);
    assertFound("still open", dry::assertClean);
  }
}
