package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelOpsTest {
  /** Weights at 16 points in place of 9 taps are more than kernels count. */
  @Test
  void neighbourThatNeedsTooMuchScratchIsToldOfAndLeftOut() {
    OpCall call =
        OpCall.of(
            new Conv2d(Window.of(3).pad(1)),
            1,
            TensorSpec.f32(1, 8192, 4, 4),
            TensorSpec.f32(16384, 8192, 3, 3));
    KernelTarget target = new KernelTarget(true, 2);
    String usual = KernelOps.ways(call, target).get(0).offered().implementation();
    List<String> refused = new ArrayList<>();
    List<KernelWay> others = KernelOps.neighbours(call, target, usual, refused::add);
    assertFalse(others.isEmpty());
    assertTrue(
        refused.stream()
            .anyMatch(
                why ->
                    why.startsWith(usual + " with conv.winograd=1: ")
                        && why.contains("more than the kernels count")),
        refused.toString());
  }
}
