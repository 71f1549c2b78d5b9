package dev.lamina.cpu;

import static dev.lamina.cpu.Generated.available;
import static dev.lamina.cpu.Generated.kernel;

import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.device.OpCall;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.IntBuffer;
import java.util.List;

/** The loops that a step spends most time in, in generated code. */
final class GeneratedLoops {
  private static final int VECTOR = 8;

  private GeneratedLoops() {}

  static List<Way> gather(GatherSamples op, OpCall call) {
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
        Way.canonical(
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

  static List<Way> sgd(SgdUpdate op, OpCall call) {
    int gradients = call.inputs().size() - op.firstGradient();
    long bytes = call.inputs().get(0).bytes();
    boolean fits = bytes <= Integer.MAX_VALUE && gradients <= GeneratedKernel.mostGradients();
    if (!available() || op.states() == 0 || !fits) {
      return List.of();
    }
    int length = (int) call.inputs().get(0).elements();
    return List.of(
        Way.canonical(
            call,
            "avx2:descent",
            () ->
                kernel(
                    GeneratedKernel.descent(
                        length, gradients, op.momentum(), op.nesterov(), op.weightDecay()),
                    (code, in, out, scratch) -> bindDescent(op, call, code, in))));
  }

  private static Runnable bindDescent(
      SgdUpdate op, OpCall call, GeneratedKernel code, List<CpuBuffer> in) {
    UpdateScalars scalars = new UpdateScalars(op, call, in);
    long[] addresses = new long[3 + in.size() - op.firstGradient()];
    addresses[0] = in.get(0).address();
    addresses[1] = in.get(1).address();
    for (int g = op.firstGradient(); g < in.size(); g++) {
      addresses[3 + g - op.firstGradient()] = in.get(g).address();
    }
    GeneratedKernel.Scalars pair = code.scalars(2);
    addresses[2] = pair.address();
    Runnable descent = code.bind(addresses);
    return () -> {
      pair.set(0, scalars.rate());
      pair.set(1, scalars.scale());
      descent.run();
    };
  }
}
