package dev.lamina.opencl;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Named.named;

import dev.lamina.device.OpCall;
import dev.lamina.kernels.DeclaredKernels;
import dev.lamina.kernels.KernelArgument;
import dev.lamina.kernels.KernelCall;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelSignature;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.Program;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.Window;
import dev.lamina.testkit.MemoryConformance;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The cases that suites run go, within a kernel for CPU-type devices, where layers of real models
 * go and the least shapes do not.
 */
@TestInstance(Lifecycle.PER_CLASS)
class LargerShapesTest {
  /** Rows and columns of a block, as small.opencl.cl has them. */
  private static final int DOT_ROWS = 4;

  private static final int DOT_COLUMNS = 3;

  /** Filters of a vector; a panel has four of them at most. */
  private static final int VECTOR = 8;

  private final List<Launch> launches = launches();

  private record Launch(OpCall call, KernelCall kernel) {
    boolean is(String name, Class<? extends Op> op) {
      return kernel.kernel().equals(name) && op.isInstance(call.op());
    }

    /** Says whether it is by panels and packs b in more than one chunk. */
    boolean packsTwice(Class<? extends Op> op) {
      return is("gemm_panels", op) && number("inner") > 256;
    }

    /** Says whether it reads patches where the image lies, eight columns at a time. */
    boolean readsInPlace(Window window, int stride) {
      return is("conv_weights_patches", Conv2dBackwardWeights.class)
          && ((Conv2dBackwardWeights) call.op()).window().equals(window.stride(stride))
          && number("seen_length") == 0;
    }

    private String text() {
      return kernel.source().text(Program.Dialect.OPENCL);
    }

    int number(String parameter) {
      List<String> names =
          DeclaredKernels.of(text()).signature(kernel.kernel()).orElseThrow().parameters().stream()
              .map(KernelSignature.Parameter::name)
              .toList();
      return ((KernelArgument.Int) kernel.arguments().get(names.indexOf(parameter))).value();
    }

    boolean defines(String macro) {
      return text().contains("#define " + macro + " 1\n");
    }
  }

  private static Stream<Named<Predicate<Launch>>> casesGoThere() {
    return Stream.of(
        named(
            "b transposed in chunks, bias by column and activation",
            launch ->
                launch.packsTwice(Linear.class)
                    && launch.number("biased") == 1
                    && launch.number("relu") == 1),
        named("b in chunks backward to the data", l -> l.packsTwice(LinearBackwardData.class)),
        named(
            "b in chunks backward to the weights", l -> l.packsTwice(LinearBackwardWeights.class)),
        named(
            "b in chunks, neither transposed",
            l -> l.packsTwice(MatMul.class) && l.call.op().equals(new MatMul())),
        named(
            "b in chunks, a transposed",
            l -> l.packsTwice(MatMul.class) && l.call.op().equals(new MatMul(true, false))),
        named(
            "b in chunks, both transposed",
            l -> l.packsTwice(MatMul.class) && l.call.op().equals(new MatMul(true, true))),
        named(
            "rows shared among cores",
            l -> l.is("gemm_rows", MatMul.class) && l.number("parts_m") > 1),
        named(
            "rows shared among cores, and their sums",
            l ->
                l.is("gemm_rows", LinearBackwardWeights.class)
                    && l.number("parts_m") > 1
                    && l.number("summed") == 1),
        named(
            "dot products with some blocks in a near cache",
            l ->
                l.is("gemm_dots", Linear.class)
                    && l.number("rows") > DOT_ROWS
                    && l.number("near") > 1
                    && l.number("near") * DOT_COLUMNS * l.kernel.range().items()
                        < l.number("columns")),
        named("points of every column", l -> l.readsInPlace(Window.of(1), 1)),
        named("points of every second column", l -> l.readsInPlace(Window.of(1), 2)),
        named("patches of every column", l -> l.readsInPlace(Window.of(3), 1)),
        named("patches of every second column", l -> l.readsInPlace(Window.of(3), 2)),
        named(
            "patches by way of a copy, every third column",
            l ->
                l.is("conv_weights_patches", Conv2dBackwardWeights.class)
                    && ((Conv2dBackwardWeights) l.call.op()).window().strideWidth() == 3
                    && l.number("seen_length") > 0),
        named(
            "four filters in slices of the samples",
            l ->
                l.is("conv_weights", Conv2dBackwardWeights.class)
                    && l.number("slices") > 1
                    && !l.defines("SIX_FILTERS")),
        named(
            "six filters in slices of the samples",
            l ->
                l.is("conv_weights", Conv2dBackwardWeights.class)
                    && l.number("slices") > 1
                    && l.defines("SIX_FILTERS")),
        named(
            "some panels of filters at once, in slices of the samples",
            l ->
                l.is("conv_weights_blocks", Conv2dBackwardWeights.class)
                    && l.number("packs") == 1
                    && l.number("slices") > 1
                    && filters(l) > 4 * VECTOR),
        named(
            "more panels of filters than are taken at once",
            l ->
                l.is("conv_weights_blocks", Conv2dBackwardWeights.class)
                    && l.number("packs") > 1
                    && l.number("slices") > 1),
        named(
            "panels and blocks of weights shared out",
            l ->
                l.is("conv_weights_blocks", Conv2dBackwardWeights.class)
                    && l.number("packs") > 1
                    && l.number("parts") > 1
                    && l.number("slices") == 1),
        named(
            "tiles by parts of the filters",
            l -> l.is("weights_winograd", Conv2dBackwardWeights.class) && l.number("parts") > 1));
  }

  private static long filters(Launch launch) {
    return launch.call.outputs().get(0).dim(0);
  }

  @ParameterizedTest
  @MethodSource
  void casesGoThere(Predicate<Launch> wanted) {
    assertTrue(launches.stream().anyMatch(wanted));
  }

  private static List<Launch> launches() {
    KernelTarget target = new KernelTarget(true, 2);
    return MemoryConformance.calls()
        .filter(call -> KernelOps.ops().contains(call.op().getClass()))
        .flatMap(
            call ->
                KernelCoverageTest.ways(call, target).stream()
                    .flatMap(way -> way.calls().stream())
                    .map(kernel -> new Launch(call, kernel)))
        .toList();
  }
}
