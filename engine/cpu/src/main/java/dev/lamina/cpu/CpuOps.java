package dev.lamina.cpu;

import dev.lamina.device.OpCall;
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
import dev.lamina.op.Conv2dAdd;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** The table of ops this device runs. */
final class CpuOps {
  /** The ways to run an op's call, at least those that are asked for. */
  private interface Offer<O> {
    List<CpuWay> ways(O op, OpCall call, Asked asked);
  }

  private static final Map<Class<? extends Op>, Offer<Op>> TABLE = new HashMap<>();

  static {
    both(
        Conv2d.class,
        ConvolutionWays::forward,
        GeneratedConvolutions::forward,
        BlockedConvolutions::forward);
    both(Conv2dAdd.class, ConvolutionWays::forwardAdd, BlockedConvolutions::forwardAdd);
    both(
        Conv2dBackwardData.class,
        ConvolutionWays::backwardData,
        GeneratedConvolutions::backwardData,
        BlockedConvolutions::backwardData);
    both(
        Conv2dBackwardWeights.class,
        ConvolutionWays::backwardWeights,
        GeneratedConvolutions::backwardWeights,
        BlockedConvolutions::backwardWeights);
    onednn(Linear.class, LinearWays::forward);
    onednn(LinearBackwardData.class, LinearWays::backwardData);
    onednn(LinearBackwardWeights.class, LinearWays::backwardWeights);
    onednn(MatMul.class, LinearWays::product);
    both(MaxPool2d.class, PoolingWays::max, GeneratedConvolutions::pooling);
    both(MaxPool2dBackward.class, PoolingWays::maxBackward, GeneratedConvolutions::poolingBackward);
    onednn(AvgPool2d.class, PoolingWays::average);
    onednn(AvgPool2dBackward.class, PoolingWays::averageBackward);
    onednn(BatchNorm2d.class, NormalizationWays::training);
    onednn(BatchNorm2dInference.class, NormalizationWays::inference);
    onednn(BatchNorm2dBackward.class, NormalizationWays::backward);
    java(FoldBatchNorm2d.class, FoldLoops::batchNorm);
    java(LocalResponseNorm.class, ResponseLoops::forward);
    java(LocalResponseNormBackward.class, ResponseLoops::backward);
    onednn(Relu.class, (op, call, asked) -> ElementwiseWays.relu(call, asked));
    onednn(ReluBackward.class, (op, call, asked) -> ElementwiseWays.reluBackward(call, asked));
    onednn(Activation.class, ElementwiseWays::activation);
    onednn(ActivationBackward.class, ElementwiseWays::activationBackward);
    onednn(Add.class, (op, call, asked) -> ElementwiseWays.add(call, asked));
    onednn(Reorder.class, (op, call, asked) -> ReorderWay.usual(call, asked));
    loop(GatherSamples.class, StepLoops::gatherSamples, GeneratedLoops::gather);
    java(AugmentSamples.class, AugmentationLoops::augment);
    java(NormalizeSamples.class, AugmentationLoops::normalize);
    java(GatherLabels.class, StepLoops::gatherLabels);
    java(EndStep.class, (op, call) -> StepLoops.endStep(call));
    java(ConcatChannels.class, (op, call) -> ChannelLoops.concat(call));
    java(SliceChannels.class, ChannelLoops::slice);
    java(PadChannels.class, ChannelLoops::pad);
    java(ShuffleChannels.class, ChannelLoops::shuffle);
    java(Dropout.class, DropoutLoops::forward);
    java(DropoutBackward.class, DropoutLoops::backward);
    java(Softmax.class, (op, call) -> LossLoops.softmax(call));
    java(SoftmaxCrossEntropy.class, LossLoops::crossEntropy);
    java(WeightedCrossEntropy.class, LossLoops::weightedCrossEntropy);
    java(TargetLoss.class, LossLoops::targetLoss);
    java(SumGradients.class, UpdateLoops::sum);
    java(SquaredNorm.class, (op, call) -> UpdateLoops.squaredNorm(call));
    java(ClipFactor.class, UpdateLoops::clipFactor);
    loop(SgdUpdate.class, OptimizerLoops::sgd, GeneratedLoops::sgd);
    loop(AdamUpdate.class, OptimizerLoops::adam, GeneratedLoops::adam);
    java(RmsPropUpdate.class, OptimizerLoops::rmsProp);
    java(AdagradUpdate.class, OptimizerLoops::adagrad);
    java(L1Penalty.class, WeightLoops::l1Penalty);
    java(MovingAverage.class, (op, call) -> WeightLoops.movingAverage(call));
  }

  private CpuOps() {}

  static boolean has(Class<? extends Op> op) {
    return TABLE.containsKey(op);
  }

  private static <O extends Op> void onednn(Class<O> type, Offer<O> offer) {
    TABLE.put(type, (op, call, asked) -> offer.ways(type.cast(op), call, asked));
  }

  @SafeVarargs
  private static <O extends Op> void both(
      Class<O> type, Offer<O> offer, BiFunction<O, OpCall, List<CpuWay>>... generated) {
    TABLE.put(
        type,
        (op, call, asked) -> {
          List<CpuWay> ways = new ArrayList<>(offer.ways(type.cast(op), call, asked));
          for (BiFunction<O, OpCall, List<CpuWay>> more : generated) {
            ways.addAll(more.apply(type.cast(op), call));
          }
          return ways;
        });
  }

  /** Generated code comes first: where nothing is measured, it is taken. */
  private static <O extends Op> void loop(
      Class<O> type,
      BiFunction<O, OpCall, CpuWay> loop,
      BiFunction<O, OpCall, List<CpuWay>> generated) {
    TABLE.put(
        type,
        (op, call, asked) -> {
          List<CpuWay> ways = new ArrayList<>(generated.apply(type.cast(op), call));
          ways.add(loop.apply(type.cast(op), call));
          return ways;
        });
  }

  private static <O extends Op> void java(Class<O> type, BiFunction<O, OpCall, CpuWay> loop) {
    TABLE.put(type, (op, call, asked) -> List.of(loop.apply(type.cast(op), call)));
  }

  /**
   * Returns the ways to run a call that are asked for; the OpenMP thread count has been set.
   *
   * @throws UnsupportedOpException if all are asked for and there is none
   */
  static List<CpuWay> ways(OpCall call, Asked asked) {
    Offer<Op> offer = TABLE.get(call.op().getClass());
    if (offer == null) {
      throw new UnsupportedOpException("cpu: " + call.op().name() + " is not supported");
    }
    return offer.ways(call.op(), call, asked).stream()
        .filter(way -> asked.wants(way.offered().implementation()))
        .toList();
  }
}
