package dev.lamina.kernels;

import static dev.lamina.kernels.CallBuilder.in;
import static dev.lamina.kernels.CallBuilder.of;
import static dev.lamina.kernels.CallBuilder.out;

import dev.lamina.device.OpCall;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.OptimizerOp;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.SumGradients;
import java.util.ArrayList;
import java.util.List;

/** Gradient sums, their norm, and the optimizers. */
final class UpdateKernels {
  /** Work-items that each sum a part of the squares; update.cl says so as well. */
  private static final int PARTIALS = 256;

  private static final int PARTIAL_GROUP = 16;

  private UpdateKernels() {}

  static KernelWay sum(SumGradients op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = count(builder, call);
    builder.elements(
        source(builder),
        "sum_gradients",
        count,
        in(0),
        in(1),
        in(2),
        in(3),
        StepKernels.words(call, 1),
        of(op.keeps()),
        of(count));
    for (int gradient = 4; gradient < call.inputs().size(); gradient++) {
      builder.elements(source(builder), "accumulate", count, in(0), in(gradient), of(count));
    }
    return builder.way("elements");
  }

  static KernelWay squaredNorm(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = count(builder, call);
    KernelArgument partials = builder.scratch(PARTIALS);
    return builder
        .launch(
            source(builder),
            "squared_norm_partials",
            PARTIALS / PARTIAL_GROUP,
            PARTIAL_GROUP,
            in(0),
            partials,
            of(count))
        .launch(source(builder), "squared_norm_total", 1, 1, partials, out(0))
        .way("runs");
  }

  static KernelWay clipFactor(ClipFactor op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    KernelArgument squares = sumOf(builder, call, 2, 1);
    KernelArgument words = StepKernels.words(call, 0);
    return builder
        .launch(
            source(builder),
            "clip_factor",
            1,
            1,
            in(0),
            in(1),
            squares,
            out(0),
            words,
            of(op.maxNorm()))
        .way("one");
  }

  static KernelWay sgd(SgdUpdate op, OpCall call, KernelTarget target) {
    // without momentum there is no velocity: the kernel is given something it does not touch
    List<KernelArgument> velocity = List.of(in(op.states()));
    return optimizer(
        "sgd_update", op, call, target, velocity, of(op.momentum()), of(op.nesterov()));
  }

  static KernelWay adam(AdamUpdate op, OpCall call, KernelTarget target) {
    return optimizer(
        "adam_update",
        op,
        call,
        target,
        List.of(in(1), in(2)),
        of(op.beta1()),
        of(op.beta2()),
        of(op.epsilon()),
        of(op.decoupled()));
  }

  static KernelWay rmsProp(RmsPropUpdate op, OpCall call, KernelTarget target) {
    return optimizer(
        "rmsprop_update",
        op,
        call,
        target,
        List.of(in(1), in(op.centered() ? 2 : 1), in(op.states())),
        of(op.alpha()),
        of(op.epsilon()),
        of(op.centered()),
        of(op.momentum()));
  }

  static KernelWay adagrad(AdagradUpdate op, OpCall call, KernelTarget target) {
    return optimizer("adagrad_update", op, call, target, List.of(in(1)), of(op.epsilon()));
  }

  /** All optimizers' kernels take their arguments in this order, with their own in the middle. */
  private static KernelWay optimizer(
      String kernel,
      OptimizerOp op,
      OpCall call,
      KernelTarget target,
      List<KernelArgument> states,
      KernelArgument... own) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = count(builder, call);
    int tables = op.tablesPosition();
    KernelArgument gradient = sumOf(builder, call, op.firstGradient(), count);
    List<KernelArgument> arguments = new ArrayList<>(List.of(in(0)));
    arguments.addAll(states);
    arguments.addAll(List.of(in(tables), in(tables + 1), clip(op), gradient));
    arguments.addAll(List.of(StepKernels.words(call, tables), of(op.clipped())));
    arguments.addAll(List.of(own));
    arguments.addAll(List.of(of(op.weightDecay()), of(op.rateFactor()), of(count)));
    return builder
        .elements(source(builder), kernel, count, arguments.toArray(KernelArgument[]::new))
        .way("elements");
  }

  static KernelWay l1Penalty(L1Penalty op, OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = count(builder, call);
    KernelArgument words = StepKernels.words(call, 2);
    return builder
        .elements(
            source(builder),
            "l1_penalty",
            count,
            in(0),
            in(1),
            in(2),
            in(3),
            words,
            of(op.factor()),
            of(count))
        .way("elements");
  }

  static KernelWay movingAverage(OpCall call, KernelTarget target) {
    CallBuilder builder = new CallBuilder(call, target);
    int count = count(builder, call);
    KernelArgument words = StepKernels.words(call, 2);
    return builder
        .elements(
            source(builder), "moving_average", count, in(0), in(1), in(2), in(3), words, of(count))
        .way("elements");
  }

  /** Returns the clip factor, or any buffer where there is none: it is not read. */
  private static KernelArgument clip(OptimizerOp op) {
    return in(op.clipped() ? op.firstGradient() - 1 : op.firstGradient());
  }

  /** Returns the sum of the inputs from {@code first} on, in order; one alone is its own sum. */
  private static KernelArgument sumOf(CallBuilder builder, OpCall call, int first, int count) {
    if (call.inputs().size() == first + 1) {
      return in(first);
    }
    KernelArgument sum = builder.scratch(count);
    builder.elements(
        ElementwiseKernels.source(builder),
        "add_forward",
        count,
        in(first),
        in(first + 1),
        sum,
        of(count));
    for (int next = first + 2; next < call.inputs().size(); next++) {
      builder.elements(source(builder), "accumulate", count, sum, in(next), of(count));
    }
    return sum;
  }

  private static KernelSource source(CallBuilder builder) {
    return builder.program("elements.cl", "update.cl");
  }

  private static int count(CallBuilder builder, OpCall call) {
    return builder.count(call.inputs().get(0).elements());
  }
}
