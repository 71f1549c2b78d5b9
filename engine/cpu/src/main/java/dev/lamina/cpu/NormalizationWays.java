package dev.lamina.cpu;

import dev.lamina.cpu.PrimitiveWays.Operand;
import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.BatchNormalization;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.Primitive;
import dev.lamina.device.OpCall;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Batch normalisations on oneDNN; images have the same layout before and after. What is saved
 * between the passes is mean, then biased variance.
 */
final class NormalizationWays {
  private NormalizationWays() {}

  static List<CpuWay> training(BatchNorm2d op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(x)) {
      ways.offer(
          () -> BatchNormalization.training(desc, op.epsilon()),
          List.of(
              Operand.of(Arg.SRC, x),
              Operand.canonical(Arg.SCALE),
              Operand.canonical(Arg.SHIFT),
              Operand.canonical(Arg.MEAN),
              Operand.canonical(Arg.VARIANCE)),
          List.of(Operand.of(Arg.DST, x), Operand.canonical(Arg.MEAN)),
          primitive -> new Training(primitive, asked.threads(), op, x));
    }
    return ways.all();
  }

  static List<CpuWay> inference(BatchNorm2dInference op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(x)) {
      ways.offer(
          () -> BatchNormalization.inference(desc, op.epsilon()),
          List.of(
              Operand.of(Arg.SRC, x),
              Operand.canonical(Arg.SCALE),
              Operand.canonical(Arg.SHIFT),
              Operand.canonical(Arg.MEAN),
              Operand.canonical(Arg.VARIANCE)),
          List.of(Operand.of(Arg.DST, x)));
    }
    return ways.all();
  }

  static List<CpuWay> backward(BatchNorm2dBackward op, OpCall call, Asked asked) {
    TensorSpec x = call.inputs().get(1);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(x)) {
      ways.offer(
          () -> BatchNormalization.backward(desc, op.epsilon()),
          List.of(
              Operand.of(Arg.DIFF_DST, x),
              Operand.of(Arg.SRC, x),
              Operand.canonical(Arg.SCALE),
              Operand.canonical(Arg.MEAN)),
          List.of(
              Operand.of(Arg.DIFF_SRC, x),
              Operand.canonical(Arg.DIFF_SCALE),
              Operand.canonical(Arg.DIFF_SHIFT)),
          primitive -> new Backward(primitive, asked.threads(), x));
    }
    return ways.all();
  }

  /** A primitive whose statistics lie one behind the other. */
  private abstract static class Saving implements Kernel {
    private final PrimitiveKernel kernel;
    private final long statisticBytes;

    Saving(Primitive primitive, int threads, TensorSpec x) {
      kernel = new PrimitiveKernel(primitive, threads, List.of(), List.of());
      this.statisticBytes = x.dim(1) * Float.BYTES;
    }

    @Override
    public long workspaceBytes() {
      return kernel.workspaceBytes();
    }

    /** Binds the primitive, whose statistics are added to the addresses. */
    Runnable bind(Map<Arg, CpuBuffer> buffers, CpuBuffer saved, CpuBuffer workspace) {
      Map<Arg, Long> addresses = new EnumMap<>(Arg.class);
      buffers.forEach((arg, buffer) -> addresses.put(arg, buffer.address()));
      addresses.put(Arg.MEAN, saved.address());
      addresses.put(Arg.VARIANCE, saved.address() + statisticBytes);
      return kernel.bind(addresses, workspace);
    }

    @Override
    public void close() {
      kernel.close();
    }
  }

  /** Normalises, then moves the running statistics. */
  private static final class Training extends Saving {
    private final int channels;
    private final float momentum;
    private final float unbiased;

    Training(Primitive primitive, int threads, BatchNorm2d op, TensorSpec x) {
      super(primitive, threads, x);
      channels = x.shape().size(1);
      momentum = op.momentum();
      double count = (double) x.elements() / channels;
      unbiased = (float) (count / Math.max(1, count - 1));
    }

    @Override
    public Runnable bind(List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace) {
      CpuBuffer saved = outputs.get(1);
      Map<Arg, CpuBuffer> buffers = new EnumMap<>(Arg.class);
      buffers.put(Arg.SRC, inputs.get(0));
      buffers.put(Arg.SCALE, inputs.get(1));
      buffers.put(Arg.SHIFT, inputs.get(2));
      buffers.put(Arg.DST, outputs.get(0));
      Runnable normalize = bind(buffers, saved, workspace);
      FloatBuffer statistics = saved.floats();
      FloatBuffer mean = inputs.get(3).floats();
      FloatBuffer variance = inputs.get(4).floats();
      return () -> {
        normalize.run();
        for (int c = 0; c < channels; c++) {
          mean.put(c, moved(mean.get(c), statistics.get(c)));
          variance.put(c, moved(variance.get(c), statistics.get(channels + c) * unbiased));
        }
      };
    }

    private float moved(float running, float newest) {
      return running + momentum * (newest - running);
    }
  }

  private static final class Backward extends Saving {
    Backward(Primitive primitive, int threads, TensorSpec x) {
      super(primitive, threads, x);
    }

    @Override
    public Runnable bind(List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace) {
      Map<Arg, CpuBuffer> buffers = new EnumMap<>(Arg.class);
      buffers.put(Arg.DIFF_DST, inputs.get(0));
      buffers.put(Arg.SRC, inputs.get(1));
      buffers.put(Arg.SCALE, inputs.get(2));
      buffers.put(Arg.DIFF_SRC, outputs.get(0));
      buffers.put(Arg.DIFF_SCALE, outputs.get(1));
      buffers.put(Arg.DIFF_SHIFT, outputs.get(2));
      return bind(buffers, inputs.get(3), workspace);
    }
  }
}
