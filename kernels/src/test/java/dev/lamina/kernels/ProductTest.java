package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductTest {
  private static final int SPAN = 11;

  /** gemm.opencl.cl has vectors of up to 16; other spans would be packed value by value. */
  @ParameterizedTest
  @CsvSource({"7, 1", "12, 4", "24, 8", "48, 16", "32, 16", "64, 16"})
  void columnsOfAPanelThatLieTogetherAreReadByVectors(int width, int span) {
    OpCall call =
        OpCall.of(
            new Conv2d(Window.of(3).pad(1), 1, false),
            1,
            TensorSpec.f32(2, 3, 5, width),
            TensorSpec.f32(4, 3, 3, 3));
    KernelTarget target = new KernelTarget(true, 2);
    String name = width < 8 ? "panels" : "panels image.direct=0";
    KernelWay way = KernelOps.way(call, target, name).orElseThrow();
    KernelCall panels = way.calls().get(way.calls().size() - 1);
    assertEquals("gemm_panels", panels.kernel());
    assertEquals(new KernelArgument.Int(span), panels.arguments().get(SPAN));
  }
}
