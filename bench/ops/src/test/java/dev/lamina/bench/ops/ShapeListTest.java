package dev.lamina.bench.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.kernels.KernelOps;
import dev.lamina.models.UnknownModelException;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ShapeListTest {
  @Test
  void aModelsListHoldsItsStepWithEveryGradient() {
    List<Case> cases = ShapeList.of("lenet5", 64, 2);
    Case conv2 = at(cases, "conv2/backward_data");
    assertEquals("64x16x10x10 16x6x5x5 > 64x6x14x14", conv2.shapes());
    assertEquals(32, conv2.share().inputs().get(0).dim(0));
    assertEquals(2, conv2.share().lanes());
    assertEquals(1, conv2.call().lanes());
    assertEquals(61_706, at(cases, "update").call().inputs().get(0).elements());
    assertEquals(Set.of(1), at(cases, "pool1/backward").opaque());
  }

  @Test
  void equalCallsAreOneCaseThatCountsThem() {
    List<Case> cases = ShapeList.of("cifar-resnet18", 4, 1);
    List<Case> convolutions =
        cases.stream().filter(each -> each.call().op() instanceof Conv2d).toList();
    assertEquals(20, convolutions.stream().mapToInt(Case::times).sum());
    assertEquals(11, convolutions.size());
  }

  /** Statistics are over the whole batch, so lanes cannot share it. */
  @Test
  void batchNormKeepsTheBatchWhole() {
    for (Case each : ShapeList.of("cifar-resnet18", 4, 2)) {
      assertEquals(each.call(), each.share(), each.place());
    }
  }

  /** A comparison of every op of a training step says nothing of one that no list has. */
  @Test
  void listsThatAreUsualHoldEveryOpThatHasKernels() {
    List<String> usual = Ops.commandLine().getCommandSpec().findOption("--lists").getValue();
    Set<String> listed =
        usual.stream()
            .flatMap(name -> ShapeList.of(name, 64, 2).stream())
            .map(each -> each.call().op().getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> known = new TreeSet<>();
    KernelOps.ops().forEach(op -> known.add(op.getSimpleName()));
    known.removeAll(listed);
    assertEquals(Set.of(), known);
  }

  @Test
  void oddShapesRunEveryPassOfAConvolution() {
    Set<Class<?>> ops =
        ShapeList.of(OddShapes.NAME, 64, 2).stream()
            .map(each -> each.call().op().getClass())
            .collect(Collectors.toSet());
    assertTrue(
        ops.containsAll(
            Set.of(Conv2d.class, Conv2dBackwardData.class, Conv2dBackwardWeights.class)));
  }

  @Test
  void anUnknownModelIsRefused() {
    assertThrows(UnknownModelException.class, () -> ShapeList.of("lenet6", 64, 1));
  }

  private static Case at(List<Case> cases, String place) {
    return cases.stream().filter(each -> each.place().equals(place)).findFirst().orElseThrow();
  }
}
