package dev.lamina.kernels;

import dev.lamina.device.KernelOp;
import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.Add;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.ConcatChannels;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.EndStep;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.GatherLabels;
import dev.lamina.op.GatherSamples;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.Linear;
import dev.lamina.op.LinearBackwardData;
import dev.lamina.op.LinearBackwardWeights;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.Op;
import dev.lamina.op.PadChannels;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.SgdUpdate;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.op.Softmax;
import dev.lamina.op.SoftmaxCrossEntropy;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.SumGradients;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.op.WeightedCrossEntropy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The table of ops that have kernels. */
public final class KernelOps {
  /** The way to run an op's call on a target. */
  private interface Offer<O> {
    KernelWay way(O op, OpCall call, KernelTarget target);
  }

  /** A parameter in a way's name. */
  private static final Pattern PARAMETER = Pattern.compile(" ([a-z.]+)=([0-9]{1,9})\\b");

  private static final Map<Class<? extends Op>, Offer<Op>> TABLE = new HashMap<>();

  static {
    put(Conv2d.class, ConvolutionKernels::forward);
    put(Conv2dBackwardData.class, ConvolutionKernels::backwardData);
    put(Conv2dBackwardWeights.class, ConvolutionKernels::backwardWeights);
    put(Linear.class, MatrixKernels::linear);
    put(LinearBackwardData.class, (op, call, target) -> MatrixKernels.backwardData(call, target));
    put(LinearBackwardWeights.class, MatrixKernels::backwardWeights);
    put(MatMul.class, MatrixKernels::product);
    put(MaxPool2d.class, PoolingKernels::max);
    put(MaxPool2dBackward.class, PoolingKernels::maxBackward);
    put(AvgPool2d.class, PoolingKernels::average);
    put(AvgPool2dBackward.class, PoolingKernels::averageBackward);
    put(BatchNorm2d.class, NormalizationKernels::forward);
    put(
        BatchNorm2dBackward.class,
        (op, call, target) -> NormalizationKernels.backward(call, target));
    put(BatchNorm2dInference.class, NormalizationKernels::inference);
    put(FoldBatchNorm2d.class, NormalizationKernels::fold);
    put(LocalResponseNorm.class, ResponseKernels::forward);
    put(LocalResponseNormBackward.class, ResponseKernels::backward);
    put(Dropout.class, DropoutKernels::forward);
    put(DropoutBackward.class, DropoutKernels::backward);
    put(Activation.class, ActivationKernels::forward);
    put(ActivationBackward.class, ActivationKernels::backward);
    put(ConcatChannels.class, (op, call, target) -> ChannelKernels.concat(call, target));
    put(SliceChannels.class, ChannelKernels::slice);
    put(PadChannels.class, ChannelKernels::pad);
    put(ShuffleChannels.class, ChannelKernels::shuffle);
    put(Relu.class, (op, call, target) -> ElementwiseKernels.relu(call, target));
    put(ReluBackward.class, (op, call, target) -> ElementwiseKernels.reluBackward(call, target));
    put(Add.class, (op, call, target) -> ElementwiseKernels.add(call, target));
    put(Reorder.class, (op, call, target) -> ElementwiseKernels.copy(call, target));
    put(Softmax.class, (op, call, target) -> LossKernels.softmax(call, target));
    put(SoftmaxCrossEntropy.class, LossKernels::crossEntropy);
    put(WeightedCrossEntropy.class, LossKernels::weightedCrossEntropy);
    put(TargetLoss.class, LossKernels::targetLoss);
    put(AugmentSamples.class, AugmentationKernels::augment);
    put(NormalizeSamples.class, AugmentationKernels::normalize);
    put(GatherSamples.class, StepKernels::gatherSamples);
    put(GatherLabels.class, StepKernels::gatherLabels);
    put(EndStep.class, (op, call, target) -> StepKernels.endStep(call, target));
    put(SumGradients.class, UpdateKernels::sum);
    put(SquaredNorm.class, (op, call, target) -> UpdateKernels.squaredNorm(call, target));
    put(ClipFactor.class, UpdateKernels::clipFactor);
    put(SgdUpdate.class, UpdateKernels::sgd);
    put(AdamUpdate.class, UpdateKernels::adam);
    put(RmsPropUpdate.class, UpdateKernels::rmsProp);
    put(AdagradUpdate.class, UpdateKernels::adagrad);
    put(L1Penalty.class, UpdateKernels::l1Penalty);
    put(MovingAverage.class, (op, call, target) -> UpdateKernels.movingAverage(call, target));
  }

  /** Ops on images whose channels run fastest, as all but single precision has them. */
  private static final Map<Class<? extends Op>, Offer<Op>> LAST = new HashMap<>();

  static {
    put(LAST, MaxPool2d.class, LastKernels::max);
    put(LAST, MaxPool2dBackward.class, LastKernels::maxBackward);
    put(LAST, AvgPool2d.class, LastKernels::average);
    put(LAST, AvgPool2dBackward.class, LastKernels::averageBackward);
    put(LAST, BatchNorm2d.class, LastKernels::normalize);
    put(
        LAST,
        BatchNorm2dBackward.class,
        (op, call, target) -> LastKernels.normalizeBackward(call, target));
    put(LAST, BatchNorm2dInference.class, LastKernels::normalizeInference);
  }

  private KernelOps() {}

  private static <O extends Op> void put(Class<O> type, Offer<O> offer) {
    put(TABLE, type, offer);
  }

  private static <O extends Op> void put(
      Map<Class<? extends Op>, Offer<Op>> table, Class<O> type, Offer<O> offer) {
    table.put(type, (op, call, target) -> offer.way(type.cast(op), call, target));
  }

  /** Returns the ops that have kernels. */
  public static Set<Class<? extends Op>> ops() {
    return Collections.unmodifiableSet(TABLE.keySet());
  }

  /**
   * Returns the ways to run a call, a user's kernel included, the default first.
   *
   * @throws UnsupportedOpException if there is none
   */
  public static List<KernelWay> ways(OpCall call, KernelTarget target) {
    if (call.op() instanceof KernelOp task) {
      return List.of(TaskKernels.way(task, call));
    }
    if (call.op() instanceof Reorder) {
      return ReorderKernels.all(call, target);
    }
    Class<? extends Op> type = call.op().getClass();
    boolean last = target.precision() != Precision.F32 && LAST.containsKey(type);
    Offer<Op> offer = (last ? LAST : TABLE).get(type);
    if (offer == null) {
      throw new UnsupportedOpException(call.op().name() + " has no kernels");
    }
    List<KernelWay> ways = new ArrayList<>(List.of(offer.way(call.op(), call, target)));
    ways.addAll(ConvolutionPooled.ways(call, target));
    return ways;
  }

  /**
   * Returns the way of that name: that of an implementation, with parameters behind it that are not
   * the default's, as {@code tiles tiles.depth=32}. Empty if the call cannot run so.
   */
  public static Optional<KernelWay> way(OpCall call, KernelTarget target, String name) {
    Map<String, Integer> chosen = new HashMap<>();
    Matcher parameters = PARAMETER.matcher(name);
    while (parameters.find()) {
      chosen.put(parameters.group(1), Integer.parseInt(parameters.group(2)));
    }
    try {
      return ways(call, target.choosing(chosen)).stream()
          .filter(way -> way.offered().implementation().equals(name))
          .findFirst();
    } catch (UnsupportedOpException impossible) {
      return Optional.empty();
    }
  }

  /**
   * Returns the ways that differ from one in one parameter, in a settled order.
   *
   * @param way a name as {@link #way} takes it
   * @param refused is told of each that the call cannot run so, and why: its scratch may be more
   *     than kernels count
   */
  public static List<KernelWay> neighbours(
      OpCall call, KernelTarget target, String way, Consumer<String> refused) {
    KernelWay from = way(call, target, way).orElseThrow();
    Map<String, Integer> chosen = new HashMap<>();
    for (KernelParameter parameter : from.parameters()) {
      if (way.contains(" " + parameter.name() + "=")) {
        chosen.put(parameter.name(), parameter.value());
      }
    }
    List<KernelWay> found = new ArrayList<>();
    for (KernelParameter parameter : from.parameters()) {
      for (int value : parameter.alternatives()) {
        if (value != parameter.value()) {
          KernelTarget other = target.choosing(chosen).choosing(parameter.name(), value);
          try {
            found.add(ways(call, other).get(0));
          } catch (UnsupportedOpException impossible) {
            refused.accept(
                "%s with %s=%d: %s"
                    .formatted(way, parameter.name(), value, impossible.getMessage()));
          }
        }
      }
    }
    return found;
  }
}
