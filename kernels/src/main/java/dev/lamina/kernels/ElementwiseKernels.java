package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;

/** Ops that treat each element alone. */
final class ElementwiseKernels {
  private static final String[] FILES = {"elements.cl", "stored.cl", "elementwise.cl"};

  private ElementwiseKernels() {}

  static KernelSource source(CallBuilder builder) {
    return builder.program(FILES);
  }

  static KernelWay relu(OpCall call, KernelTarget target) {
    return each(call, target, "relu_forward", 1);
  }

  static KernelWay reluBackward(OpCall call, KernelTarget target) {
    return each(call, target, "relu_backward", 2);
  }

  static KernelWay add(OpCall call, KernelTarget target) {
    return each(call, target, "add_forward", 2);
  }

  /** Copies words where the bytes are a number of them. */
  static KernelWay copy(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    long bytes = call.inputs().get(0).bytes();
    boolean words = bytes % 4 == 0;
    int count = builder.count(words ? bytes / 4 : bytes);
    String kernel = words ? "copy_words" : "copy_bytes";
    return builder.elements(source(builder), kernel, count, in(0), out(0), of(count)).way("copy");
  }

  private static KernelWay each(OpCall call, KernelTarget target, String kernel, int inputs) {
    CallBuilder builder = CallBuilder.ofElements(call, target);
    int count = builder.count(call.inputs().get(0).elements());
    if (inputs == 1) {
      builder.elements(source(builder), kernel, count, in(0), out(0), of(count));
    } else {
      builder.elements(source(builder), kernel, count, in(0), in(1), out(0), of(count));
    }
    return builder.way("elements");
  }
}
