package dev.lamina.cuda;

import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.kernels.KernelOps;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ways to run each op: the libraries' first, then the kernels all GPUs share. */
final class Ways {
  private interface Offer<O> {
    List<CudaWay> ways(O op, OpCall call);
  }

  private final CudaDevice device;
  private final Map<Class<? extends Op>, Offer<Op>> libraries = new HashMap<>();

  Ways(CudaDevice device) {
    this.device = device;
    ConvolutionWays convolutions = new ConvolutionWays(device);
    put(Conv2d.class, convolutions::forward);
    put(Conv2dBackwardData.class, convolutions::backwardData);
    put(Conv2dBackwardWeights.class, convolutions::backwardWeights);
    MatrixWays matrices = new MatrixWays(device);
    put(MatMul.class, matrices::product);
    put(Linear.class, matrices::linear);
    put(LinearBackwardData.class, (op, call) -> matrices.backwardData(call));
    put(LinearBackwardWeights.class, matrices::backwardWeights);
  }

  private <O extends Op> void put(Class<O> type, Offer<O> offer) {
    libraries.put(type, (op, call) -> offer.ways(type.cast(op), call));
  }

  /**
   * Returns the ways to run a call, the default first.
   *
   * @throws UnsupportedOpException if there is none
   */
  List<CudaWay> of(OpCall call) {
    List<CudaWay> ways = new ArrayList<>();
    Offer<Op> library = libraries.get(call.op().getClass());
    if (library != null && countable(call.inputs()) && countable(call.outputs())) {
      ways.addAll(library.ways(call.op(), call));
    }
    try {
      // Our products are single precision: what was declared otherwise is left to the libraries.
      if (ways.isEmpty() || device.precision() == Precision.F32) {
        KernelOps.ways(call, device.target())
            .forEach(
                way ->
                    ways.add(new CudaWay(way.offered(), () -> new KernelWork(device, call, way))));
      }
    } catch (UnsupportedOpException none) {
      if (ways.isEmpty()) {
        throw new UnsupportedOpException(device.name() + ": " + none.getMessage());
      }
    }
    return ways;
  }

  /** The libraries' older calls count elements with 32 bits, and so do our kernels. */
  private static boolean countable(List<TensorSpec> specs) {
    return specs.stream().allMatch(spec -> spec.elements() <= Integer.MAX_VALUE);
  }
}
