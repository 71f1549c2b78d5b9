package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Reorder;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The private form of gradients behind a max-pooling, from the pooling to both convolutions: what
 * no reorder can make, and the conformance suite therefore leaves to the device.
 *
 * <p>Operands are allocations of their own, exactly as long as their layouts, so that a checker
 * that watches the driver's memory sees what is beyond them.
 */
@ExtendWith(LeakCheck.class)
@TestInstance(Lifecycle.PER_CLASS)
public abstract class PooledGradientConformance {
  private final List<AutoCloseable> open = new ArrayList<>();
  private Device device;
  private DeviceArena arena;

  /** Opens the device, or skips the tests; the suite closes it. */
  protected abstract Device openDevice();

  /** Returns how many ways to run the two convolutions take the form, at least; 0 for none. */
  protected abstract int leastWays(TensorSpec x, int filters, Window window, Window pool);

  /** Returns whether convolutions leave their results in such a form. */
  protected boolean poolsResults(int filters, Window pool) {
    return false;
  }

  /** Returns what a checker has reported since the last call; empty if nothing. */
  protected String reports() {
    return "";
  }

  /** A tensor on the device in one of its layouts. */
  private record Placed(TensorSpec spec, Layout layout, DeviceBuffer buffer) {}

  @BeforeAll
  void open() {
    device = openDevice();
  }

  @BeforeEach
  void begin() {
    arena = device.arena("test");
  }

  @AfterEach
  void end() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    open.clear();
    arena.close();
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
    }
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(TensorSpec.f32(4, 1, 28, 28), 6, Window.of(5).pad(2), Window.of(2).stride(2)),
        Arguments.of(TensorSpec.f32(4, 6, 14, 14), 16, Window.of(5), Window.of(2).stride(2)),
        // More channels than are summed up at once, odd results, slices of the samples.
        Arguments.of(
            TensorSpec.f32(17, 7, 11, 12), 5, Window.of(5).pad(2, 1), Window.of(2).stride(2)),
        Arguments.of(TensorSpec.f32(1, 2, 9, 10), 9, Window.of(2, 7), Window.of(2).stride(2)),
        Arguments.of(TensorSpec.f32(3, 1, 9, 10), 1, Window.of(6, 7), Window.of(2).stride(1)),
        Arguments.of(TensorSpec.f32(33, 1, 5, 8), 2, Window.of(4), Window.of(2).stride(2)),
        Arguments.of(
            TensorSpec.f32(2, 3, 23, 21),
            10,
            Window.of(3, 5).stride(2, 1).pad(1, 2),
            Window.of(3).stride(2)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyWayAgreesWithTheReference(TensorSpec x, int filters, Window window, Window pool) {
    TensorSpec y = new TensorSpec(x.type(), window.slide("y", x.shape(), filters));
    TensorSpec p = new TensorSpec(x.type(), pool.slide("p", y.shape(), filters));
    TensorSpec w = TensorSpec.f32(filters, x.dim(1), window.height(), window.width());
    HostTensor hostX = random(x, 1);
    HostTensor hostW = random(w, 2);
    HostTensor hostY = random(y, 3);
    HostTensor hostDp = random(p, 4);
    Op pooling = new MaxPool2d(pool);
    Op back = new MaxPool2dBackward(pool, y.shape());
    HostTensor where = ReferenceOps.evaluate(pooling, List.of(hostY)).get(1);
    HostTensor dy = ReferenceOps.evaluate(back, List.of(hostDp, where)).get(0);
    Op weights = new Conv2dBackwardWeights(window, 1, true);
    Op data = new Conv2dBackwardData(window, 1, x.shape());
    List<HostTensor> gradients = ReferenceOps.evaluate(weights, List.of(hostX, dy));
    HostTensor dx = ReferenceOps.evaluate(data, List.of(dy, hostW)).get(0);

    int ran = 0;
    for (Placed pooled : pooledForms(pooling, back, hostY, hostDp)) {
      OpCall weightCall = OpCall.of(weights, 1, x, y);
      for (Way way : taking(weightCall, 1, pooled.layout())) {
        Placed in = placed(hostX, way.inputs().get(0));
        List<Placed> out = run(weightCall, way, List.of(in, pooled));
        assertClose(gradients.get(0), out.get(0), way.implementation());
        assertClose(gradients.get(1), out.get(1), way.implementation());
        ran++;
      }
      OpCall dataCall = OpCall.of(data, 1, y, w);
      for (Way way : taking(dataCall, 0, pooled.layout())) {
        Placed in = placed(hostW, way.inputs().get(1));
        List<Placed> out = run(dataCall, way, List.of(pooled, in));
        assertClose(dx, out.get(0), way.implementation());
        ran++;
      }
    }
    int least = leastWays(x, filters, window, pool);
    assertTrue(ran >= least, ran + " ways take a private form, not " + least);
    assertEquals("", reports());
  }

  /** A convolution that keeps only winners, and the pooling that then has little left to do. */
  @ParameterizedTest
  @MethodSource("shapes")
  void aConvolutionMayPoolItsResult(TensorSpec x, int filters, Window window, Window pool) {
    TensorSpec w = TensorSpec.f32(filters, x.dim(1), window.height(), window.width());
    TensorSpec b = TensorSpec.f32(filters);
    List<HostTensor> operands = List.of(random(x, 1), random(w, 2), random(b, 3));
    Op convolution = new Conv2d(window, 1, true);
    Op pooling = new MaxPool2d(pool);
    HostTensor y = ReferenceOps.evaluate(convolution, operands).get(0);
    HostTensor expected = ReferenceOps.evaluate(pooling, List.of(y)).get(0);
    OpCall call = OpCall.of(convolution, 1, x, w, b);
    OpCall poolCall = OpCall.of(pooling, 1, y.spec());
    int ran = 0;
    for (Way way : device.ways(call)) {
      if (way.outputs().get(0).isPrivate()) {
        List<Placed> inputs = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
          inputs.add(placed(operands.get(i), way.inputs().get(i)));
        }
        Placed made = run(call, way, inputs).get(0);
        for (Way poolWay : taking(poolCall, 0, made.layout())) {
          Placed pooled = run(poolCall, poolWay, List.of(made)).get(0);
          assertClose(expected, pooled, way.implementation());
          ran++;
        }
      }
    }
    assertEquals(poolsResults(filters, pool), ran > 0, ran + " ways ran");
  }

  /** The gradient in every private form, made the way a step makes it. */
  private List<Placed> pooledForms(Op pooling, Op back, HostTensor y, HostTensor dp) {
    List<Placed> forms = new ArrayList<>();
    OpCall poolCall = OpCall.of(pooling, 1, y.spec());
    for (Way poolWay : device.ways(poolCall)) {
      if (poolWay.inputs().get(0).isPrivate()) {
        continue;
      }
      Placed in = placed(y, poolWay.inputs().get(0));
      Placed where = run(poolCall, poolWay, List.of(in)).get(1);
      OpCall call = OpCall.of(back, 1, dp.spec(), where.spec());
      for (Way way : device.ways(call)) {
        boolean meets = way.inputs().get(1).equals(where.layout());
        if (meets && way.outputs().get(0).isPrivate()) {
          Placed values = placed(dp, way.inputs().get(0));
          forms.add(run(call, way, List.of(values, where)).get(0));
        }
      }
    }
    return forms;
  }

  private List<Way> taking(OpCall call, int input, Layout layout) {
    return device.ways(call).stream()
        .filter(way -> way.inputs().get(input).equals(layout))
        .toList();
  }

  private List<Placed> run(OpCall call, Way way, List<Placed> inputs) {
    List<Placed> outputs = new ArrayList<>();
    for (int i = 0; i < call.outputs().size(); i++) {
      Layout layout = way.outputs().get(i);
      DeviceBuffer buffer = arena.allocate("output", layout.bytes());
      outputs.add(new Placed(call.outputs().get(i), layout, buffer));
    }
    PreparedOp prepared = opened(device.prepare(call, way));
    long bytes = prepared.workspaceBytes();
    DeviceBuffer workspace = bytes == 0 ? null : arena.allocate("workspace", bytes);
    Launch launch =
        prepared.bind(
            inputs.stream().map(Placed::buffer).toList(),
            outputs.stream().map(Placed::buffer).toList(),
            workspace);
    Replay replay = opened(device.record(List.of(new Phase("test", List.of(List.of(launch))))));
    device.compute().launch(replay);
    device.compute().sync();
    return outputs;
  }

  private Placed placed(HostTensor tensor, Layout layout) {
    TensorSpec spec = tensor.spec();
    DeviceBuffer buffer = arena.allocate("canonical", spec.bytes());
    ByteBuffer bytes = Slab.host(spec.bytes());
    tensor.write(bytes);
    device.compute().upload(bytes.rewind(), buffer);
    return reordered(new Placed(spec, device.canonical(spec), buffer), layout);
  }

  private Placed reordered(Placed from, Layout to) {
    if (from.layout().equals(to)) {
      return from;
    }
    Way way = new Way("reorder", List.of(from.layout()), List.of(to));
    return run(OpCall.of(new Reorder(), 1, from.spec()), way, List.of(from)).get(0);
  }

  private void assertClose(HostTensor expected, Placed result, String way) {
    Placed canonical = reordered(result, device.canonical(result.spec()));
    ByteBuffer bytes = Slab.host(result.spec().bytes());
    device.compute().download(canonical.buffer(), bytes);
    device.compute().sync();
    HostTensor actual = HostTensor.read(result.spec(), bytes.rewind());
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.values().length; i++) {
      error += Math.pow(actual.at(i) - expected.at(i), 2);
      norm += Math.pow(expected.at(i), 2);
    }
    assertEquals(0, error / norm, 1e-11, way);
  }

  private static HostTensor random(TensorSpec spec, long seed) {
    HostTensor tensor = HostTensor.zeros(spec);
    Random random = new Random(seed);
    for (int i = 0; i < tensor.values().length; i++) {
      tensor.values()[i] = random.nextFloat() - 0.5f;
    }
    return tensor;
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }
}
