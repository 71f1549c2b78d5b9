package dev.lamina.cuda;

import dev.lamina.cuda.call.ConvolutionShape;
import dev.lamina.cuda.call.Dnn;
import dev.lamina.cuda.call.Dnn.Algorithm;
import dev.lamina.cuda.call.Dnn.Pass;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.OpCall;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The three convolutions by cuDNN, one way for each algorithm that gives equal bits each time and
 * rounds as single precision does. Which of them is fastest is measured with all other ways, and
 * the choice is recorded with them.
 */
final class ConvolutionWays {
  /** The largest scratch an algorithm may ask for: more would crowd out activations. */
  private static final long MOST_WORKSPACE = 1L << 30;

  /**
   * The algorithms that sum products directly. Those by Fourier and Winograd transforms lose bits:
   * they would fail where small integers must come out exactly.
   */
  private static final Map<Pass, Set<Integer>> DIRECT =
      Map.of(
          Pass.FORWARD, Set.of(0, 1, 2),
          Pass.BACKWARD_DATA, Set.of(0, 1),
          Pass.BACKWARD_WEIGHTS, Set.of(0, 1, 3));

  private record Key(ConvolutionShape shape, Pass pass) {}

  private final CudaDevice device;
  private final Dnn dnn;
  private final Map<Key, List<Algorithm>> known = new HashMap<>();

  ConvolutionWays(CudaDevice device) {
    this.device = device;
    dnn = device.libraries().dnn();
  }

  List<Way> forward(Conv2d op, OpCall call) {
    ConvolutionShape shape =
        shape(call.inputs().get(0), call.outputs().get(0), op.window(), op.groups());
    boolean bias = call.inputs().size() == 3;
    return ways(
        call,
        shape,
        Pass.FORWARD,
        (convolution, operands) -> {
          convolution.run(operands, 0, 1);
          if (bias || op.relu()) {
            convolution.epilogue.forward(
                operands.outputs().get(0), bias ? operands.inputs().get(2) : null, op.relu());
          }
        });
  }

  List<Way> backwardData(Conv2dBackwardData op, OpCall call) {
    ConvolutionShape shape =
        shape(call.outputs().get(0), call.inputs().get(0), op.window(), op.groups());
    return ways(
        call,
        shape,
        Pass.BACKWARD_DATA,
        (convolution, operands) -> convolution.run(operands, 1, 0));
  }

  List<Way> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    ConvolutionShape shape =
        shape(call.inputs().get(0), call.inputs().get(1), op.window(), op.groups());
    return ways(
        call,
        shape,
        Pass.BACKWARD_WEIGHTS,
        (convolution, operands) -> {
          convolution.run(operands, 0, 1);
          if (op.bias()) {
            convolution.epilogue.backward(operands.inputs().get(1), operands.outputs().get(1));
          }
        });
  }

  private static ConvolutionShape shape(TensorSpec x, TensorSpec y, Window window, int groups) {
    return new ConvolutionShape(
        Math.toIntExact(x.dim(0)),
        Math.toIntExact(x.dim(1)),
        Math.toIntExact(x.dim(2)),
        Math.toIntExact(x.dim(3)),
        Math.toIntExact(y.dim(1)),
        Math.toIntExact(y.dim(2)),
        Math.toIntExact(y.dim(3)),
        window,
        groups);
  }

  /** What a call does with its operands. */
  private interface Steps {
    void enqueue(Convolution convolution, Addresses operands);
  }

  private List<Way> ways(OpCall call, ConvolutionShape shape, Pass pass, Steps steps) {
    List<Way> ways = new ArrayList<>();
    for (Algorithm algorithm : known.computeIfAbsent(new Key(shape, pass), this::algorithms)) {
      ways.add(
          new Way(
              CanonicalLayouts.of("cudnn-" + algorithm.number(), call),
              () -> new Convolution(shape, pass, algorithm, steps)));
    }
    return ways;
  }

  private List<Algorithm> algorithms(Key key) {
    Handle convolution = dnn.describe(key.shape);
    try {
      return dnn.algorithms(convolution, key.pass).stream()
          .filter(Algorithm::deterministic)
          .filter(algorithm -> DIRECT.get(key.pass).contains(algorithm.number()))
          .filter(algorithm -> algorithm.workspaceBytes() <= MOST_WORKSPACE)
          .toList();
    } finally {
      dnn.destroy(convolution);
    }
  }

  /** A convolution made ready. */
  private final class Convolution implements Work {
    private final Pass pass;
    private final Algorithm algorithm;
    private final Steps steps;
    private final Epilogue epilogue;
    private final Handle descriptors;

    Convolution(ConvolutionShape shape, Pass pass, Algorithm algorithm, Steps steps) {
      this.pass = pass;
      this.algorithm = algorithm;
      this.steps = steps;
      epilogue = new Epilogue(device, shape.n(), shape.k(), shape.oh() * shape.ow());
      descriptors = dnn.describe(shape);
    }

    private void run(Addresses operands, int left, int right) {
      dnn.run(
          descriptors,
          pass,
          algorithm,
          operands.input(left),
          operands.input(right),
          operands.output(0),
          operands.workspace().address());
    }

    @Override
    public long workspaceBytes() {
      return algorithm.workspaceBytes();
    }

    @Override
    public boolean warmsUp() {
      return true;
    }

    @Override
    public void enqueue(Addresses operands) {
      steps.enqueue(this, operands);
    }

    @Override
    public void close() {
      dnn.destroy(descriptors);
    }
  }
}
