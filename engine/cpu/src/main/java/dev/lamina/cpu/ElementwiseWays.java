package dev.lamina.cpu;

import dev.lamina.cpu.PrimitiveWays.Operand;
import dev.lamina.cpu.onednn.Addition;
import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.Elementwise;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.Relu;
import dev.lamina.device.OpCall;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/** Element-by-element ops on oneDNN; all operands have the same layout. */
final class ElementwiseWays {
  private ElementwiseWays() {}

  static List<CpuWay> relu(OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(spec)) {
      ways.offer(
          () -> Relu.forward(desc),
          List.of(Operand.of(Arg.SRC, spec)),
          List.of(Operand.of(Arg.DST, spec)));
    }
    return ways.all();
  }

  static List<CpuWay> reluBackward(OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(spec)) {
      ways.offer(
          () -> Relu.backward(desc),
          List.of(Operand.of(Arg.DIFF_DST, spec), Operand.of(Arg.DST, spec)),
          List.of(Operand.of(Arg.DIFF_SRC, spec)));
    }
    return ways.all();
  }

  static List<CpuWay> activation(Activation op, OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(spec)) {
      ways.offer(
          () -> Elementwise.forward(function(op.kind()), op.alpha(), desc),
          List.of(Operand.of(Arg.SRC, spec)),
          List.of(Operand.of(Arg.DST, spec)));
    }
    return ways.all();
  }

  static List<CpuWay> activationBackward(ActivationBackward op, OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(spec)) {
      ways.offer(
          () -> Elementwise.backward(function(op.kind()), op.alpha(), desc),
          List.of(Operand.of(Arg.DIFF_DST, spec), Operand.of(Arg.DST, spec)),
          List.of(Operand.of(Arg.DIFF_SRC, spec)));
    }
    return ways.all();
  }

  private static Elementwise.Function function(Activation.Kind kind) {
    return switch (kind) {
      case LEAKY_RELU -> Elementwise.Function.RELU;
      case ELU -> Elementwise.Function.ELU;
      case SIGMOID -> Elementwise.Function.LOGISTIC;
      case TANH -> Elementwise.Function.TANH;
    };
  }

  static List<CpuWay> add(OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    PrimitiveWays ways = new PrimitiveWays(call, asked);
    for (MemoryDesc desc : Forms.usual(spec)) {
      ways.offer(
          () -> Addition.of(desc),
          List.of(Operand.of(Arg.SRC, spec), Operand.of(Arg.SRC_1, spec)),
          List.of(Operand.of(Arg.DST, spec)));
    }
    return ways.all();
  }
}
