package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.ConvolutionShape;
import dev.lamina.cuda.call.Dnn;
import dev.lamina.cuda.call.Dnn.Algorithm;
import dev.lamina.cuda.call.Dnn.Pass;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.kernels.Form;
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
import java.util.stream.IntStream;

/**
 * The three convolutions by cuDNN, one way for each algorithm that gives equal bits each time and
 * sums products directly. Which of them is fastest is measured with all other ways, and the choice
 * is recorded with them.
 *
 * <p>Images are in the form of the device's precision. Weights are the model's own, row-major in
 * single precision, and so are their gradients: what cuDNN takes or gives instead is a copy in the
 * workspace, made anew each time.
 */
final class ConvolutionWays {
  /** The largest scratch an algorithm may ask for: more would crowd out activations. */
  private static final long MOST_WORKSPACE = 1L << 30;

  private static final int NONE = -1;

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
  private final Form images;
  private final Map<Key, List<Algorithm>> known = new HashMap<>();

  ConvolutionWays(CudaDevice device) {
    this.device = device;
    dnn = device.libraries().dnn();
    images = Form.images(device.precision());
  }

  List<CudaWay> forward(Conv2d op, OpCall call) {
    ConvolutionShape shape =
        shape(call.inputs().get(0), call.outputs().get(0), op.window(), op.groups());
    boolean bias = call.inputs().size() == 3;
    return ways(
        call,
        shape,
        Pass.FORWARD,
        (convolution, operands) -> {
          convolution.run(operands.input(0), convolution.weight(operands), operands);
          if (bias || op.relu()) {
            convolution.epilogue.forward(
                operands.outputs().get(0), bias ? operands.inputs().get(2) : null, op.relu());
          }
        });
  }

  List<CudaWay> backwardData(Conv2dBackwardData op, OpCall call) {
    ConvolutionShape shape =
        shape(call.outputs().get(0), call.inputs().get(0), op.window(), op.groups());
    return ways(
        call,
        shape,
        Pass.BACKWARD_DATA,
        (convolution, operands) ->
            convolution.run(convolution.weight(operands), operands.input(0), operands));
  }

  List<CudaWay> backwardWeights(Conv2dBackwardWeights op, OpCall call) {
    ConvolutionShape shape =
        shape(call.inputs().get(0), call.inputs().get(1), op.window(), op.groups());
    return ways(
        call,
        shape,
        Pass.BACKWARD_WEIGHTS,
        (convolution, operands) -> {
          convolution.run(operands.input(0), operands.input(1), operands);
          if (op.bias()) {
            convolution.epilogue.backward(
                operands.inputs().get(1), operands.outputs().get(1), convolution.sums(operands));
          }
        });
  }

  private ConvolutionShape shape(TensorSpec x, TensorSpec y, Window window, int groups) {
    return new ConvolutionShape(
        Math.toIntExact(x.dim(0)),
        Math.toIntExact(x.dim(1)),
        Math.toIntExact(x.dim(2)),
        Math.toIntExact(x.dim(3)),
        Math.toIntExact(y.dim(1)),
        Math.toIntExact(y.dim(2)),
        Math.toIntExact(y.dim(3)),
        window,
        groups,
        device.precision());
  }

  /** What a call does with its operands. */
  private interface Steps {
    void enqueue(Convolution convolution, Addresses operands);
  }

  private List<CudaWay> ways(OpCall call, ConvolutionShape shape, Pass pass, Steps steps) {
    boolean gradient = pass == Pass.BACKWARD_WEIGHTS;
    TensorSpec weight = gradient ? call.outputs().get(0) : call.inputs().get(1);
    List<Layout> inputs = layouts(call.inputs(), gradient ? NONE : 1);
    List<Layout> outputs = layouts(call.outputs(), gradient ? 0 : NONE);
    List<CudaWay> ways = new ArrayList<>();
    for (Algorithm algorithm : known.computeIfAbsent(new Key(shape, pass), this::algorithms)) {
      String name = device.named("cudnn-" + algorithm.number());
      ways.add(
          new CudaWay(
              new Way(name, inputs, outputs),
              () -> new Convolution(shape, pass, weight, algorithm, steps)));
    }
    return ways;
  }

  private List<Layout> layouts(List<TensorSpec> specs, int weight) {
    return IntStream.range(0, specs.size())
        .mapToObj(
            i -> {
              boolean image = specs.get(i).shape().rank() == 4 && i != weight;
              return (image ? images : Form.CANONICAL).layout(specs.get(i));
            })
        .toList();
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

  /** A convolution made ready: its workspace holds cuDNN's, the weight's copy, partial sums. */
  private final class Convolution implements Work {
    private final Pass pass;
    private final Algorithm algorithm;
    private final Steps steps;
    private final Epilogue epilogue;
    private final Handle descriptors;

    /** Makes the weight's copy, or the weight's gradient of it; null where there is none. */
    private final KernelWork copying;

    private final long copyBytes;

    Convolution(
        ConvolutionShape shape, Pass pass, TensorSpec weight, Algorithm algorithm, Steps steps) {
      this.pass = pass;
      this.algorithm = algorithm;
      this.steps = steps;
      epilogue = new Epilogue(device, shape.n(), shape.k(), shape.oh() * shape.ow(), images);
      if (images == Form.CANONICAL) {
        copying = null;
        copyBytes = 0;
      } else {
        boolean gradient = pass == Pass.BACKWARD_WEIGHTS;
        Form from = gradient ? images : Form.CANONICAL;
        Form to = gradient ? Form.CANONICAL : images;
        copying = KernelWork.reorder(device, weight, from, to);
        copyBytes = shape.bytesWeight();
      }
      descriptors = dnn.describe(shape);
    }

    /** Returns the weight as cuDNN takes it. */
    private long weight(Addresses operands) {
      if (copying == null) {
        return operands.input(1);
      }
      Memory copy = copy(operands);
      copying.enqueue(new Addresses(operands.inputs().subList(1, 2), List.of(copy), null));
      return copy.address();
    }

    private Memory copy(Addresses operands) {
      long offset = device.aligned(algorithm.workspaceBytes());
      return new Memory(operands.workspace().address() + offset, copyBytes);
    }

    private Memory sums(Addresses operands) {
      long offset = device.aligned(algorithm.workspaceBytes()) + device.aligned(copyBytes);
      return new Memory(operands.workspace().address() + offset, epilogue.scratchBytes());
    }

    private void run(long left, long right, Addresses operands) {
      boolean copied = copying != null && pass == Pass.BACKWARD_WEIGHTS;
      Memory result = copied ? copy(operands) : operands.outputs().get(0);
      dnn.run(
          descriptors,
          pass,
          algorithm,
          left,
          right,
          result.address(),
          operands.workspace().address());
      if (copied) {
        copying.enqueue(new Addresses(List.of(result), operands.outputs().subList(0, 1), null));
      }
    }

    @Override
    public long workspaceBytes() {
      if (copying == null) {
        return algorithm.workspaceBytes();
      }
      return device.aligned(algorithm.workspaceBytes())
          + device.aligned(copyBytes)
          + epilogue.scratchBytes();
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
