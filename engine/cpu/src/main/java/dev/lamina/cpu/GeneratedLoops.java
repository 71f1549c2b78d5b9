package dev.lamina.cpu;

import static dev.lamina.cpu.Generated.available;
import static dev.lamina.cpu.Generated.kernel;

import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.device.OpCall;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/** The loops that a step spends most time in, in generated code. */
final class GeneratedLoops {
  private static final int VECTOR = 8;

  private GeneratedLoops() {}

  static List<CpuWay> gather(GatherSamples op, OpCall call) {
    TensorSpec source = call.inputs().get(0);
    long plane = source.dim(2) * source.dim(3);
    boolean fits = plane >= VECTOR && source.bytes() / source.dim(0) <= Integer.MAX_VALUE;
    if (!available() || source.type() != DataType.U8 || !fits) {
      return List.of();
    }
    int channels = source.shape().size(1);
    float[] factor = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      factor[c] = op.scale() / op.deviation().get(c);
      shift[c] = -op.mean().get(c) / op.deviation().get(c);
    }
    int samples = source.shape().size(0);
    int words = call.inputs().get(1).shape().size(1);
    return List.of(
        CpuWay.canonical(
            call,
            "avx2:gather",
            () ->
                kernel(
                    GeneratedKernel.gather(op.rows(), (int) plane, factor, shift),
                    (code, in, out, scratch) ->
                        bindGather(op, code, in, out.get(0), samples, words))));
  }

  private static Runnable bindGather(
      GatherSamples op,
      GeneratedKernel code,
      List<CpuBuffer> in,
      CpuBuffer out,
      int samples,
      int words) {
    IntBuffer tables = in.get(1).ints();
    IntBuffer cursor = in.get(2).ints();
    long address = in.get(1).address();
    GeneratedKernel.Arguments gather = code.arguments(in.get(0).address(), address, out.address());
    return () -> {
      int first = cursor.get(0) * words + StepTable.INDICES + op.firstRow();
      for (int row = 0; row < op.rows(); row++) {
        int index = tables.get(first + row);
        if (index < 0 || index >= samples) {
          throw new IndexOutOfBoundsException(
              "gather_samples: row %d asks for sample %d of %d"
                  .formatted(op.firstRow() + row, index, samples));
        }
      }
      gather.set(1, address + (long) first * Integer.BYTES);
      gather.run();
    };
  }

  static List<CpuWay> sgd(SgdUpdate op, OpCall call) {
    if (op.states() == 0 || !fits(op, call)) {
      return List.of();
    }
    return List.of(
        CpuWay.canonical(
            call,
            "avx2:descent",
            () ->
                kernel(
                    GeneratedKernel.momentumDescent(
                        length(call),
                        gradients(op, call),
                        op.momentum(),
                        op.nesterov(),
                        op.weightDecay()),
                    (code, in, out, scratch) -> bindMomentum(op, call, code, in))));
  }

  private static Runnable bindMomentum(
      SgdUpdate op, OpCall call, GeneratedKernel code, List<CpuBuffer> in) {
    UpdateScalars scalars = new UpdateScalars(op, call, in);
    GeneratedKernel.Scalars given = code.scalars(2);
    Runnable descent = code.bind(addresses(op, in, given));
    return () -> {
      given.set(0, scalars.rate());
      given.set(1, scalars.scale());
      descent.run();
    };
  }

  static List<CpuWay> adam(AdamUpdate op, OpCall call) {
    if (!fits(op, call)) {
      return List.of();
    }
    return List.of(
        CpuWay.canonical(
            call,
            "avx2:descent",
            () ->
                kernel(
                    GeneratedKernel.adaptiveDescent(
                        length(call),
                        gradients(op, call),
                        op.beta1(),
                        op.beta2(),
                        op.epsilon(),
                        op.decoupled() ? 0 : op.weightDecay()),
                    (code, in, out, scratch) -> bindAdam(op, call, code, in))));
  }

  private static Runnable bindAdam(
      AdamUpdate op, OpCall call, GeneratedKernel code, List<CpuBuffer> in) {
    UpdateScalars scalars = new UpdateScalars(op, call, in);
    GeneratedKernel.Scalars given = code.scalars(4);
    Runnable descent = code.bind(addresses(op, in, given));
    return () -> {
      float rate = scalars.rate();
      given.set(0, rate / scalars.biasCorrection1());
      given.set(1, scalars.scale());
      given.set(2, (float) (1 / Math.sqrt(scalars.biasCorrection2())));
      given.set(3, op.decoupled() ? 1 - rate * op.weightDecay() : 1);
      descent.run();
    };
  }

  private static boolean fits(OptimizerOp op, OpCall call) {
    boolean small = call.inputs().get(0).bytes() <= Integer.MAX_VALUE;
    return available() && small && gradients(op, call) <= GeneratedKernel.mostGradients();
  }

  private static int length(OpCall call) {
    return (int) call.inputs().get(0).elements();
  }

  private static int gradients(OptimizerOp op, OpCall call) {
    return call.inputs().size() - op.firstGradient();
  }

  /** Parameters, states, scalars, gradients. */
  private static long[] addresses(
      OptimizerOp op, List<CpuBuffer> in, GeneratedKernel.Scalars scalars) {
    List<Long> addresses = new ArrayList<>();
    in.subList(0, 1 + op.states()).forEach(buffer -> addresses.add(buffer.address()));
    addresses.add(scalars.address());
    in.subList(op.firstGradient(), in.size()).forEach(buffer -> addresses.add(buffer.address()));
    return addresses.stream().mapToLong(Long::longValue).toArray();
  }
}
