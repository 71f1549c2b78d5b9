package dev.lamina.testkit;

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
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What every op means: plain loops in double precision, written to be read, never to be fast. The
 * table by op class is complete for {@code dev.lamina.op}, which a test holds.
 */
public final class ReferenceOps {
  /**
   * The meaning of one op.
   *
   * @param <O> the op's record
   */
  @FunctionalInterface
  interface Meaning<O extends Op> {
    /** Fills the zeroed outputs, and changes the inputs that the op mutates and no others. */
    void run(O op, List<HostTensor> inputs, List<HostTensor> outputs);
  }

  private static final Map<Class<? extends Op>, Meaning<?>> TABLE = new LinkedHashMap<>();

  static {
    put(Conv2d.class, ReferenceConvolution::forward);
    put(Conv2dAdd.class, ReferenceConvolution::forwardAdd);
    put(Conv2dBackwardData.class, ReferenceConvolution::backwardData);
    put(Conv2dBackwardWeights.class, ReferenceConvolution::backwardWeights);
    put(MatMul.class, ReferenceMatrices::matMul);
    put(Linear.class, ReferenceMatrices::linear);
    put(LinearBackwardData.class, ReferenceMatrices::linearBackwardData);
    put(LinearBackwardWeights.class, ReferenceMatrices::linearBackwardWeights);
    put(MaxPool2d.class, ReferencePooling::max);
    put(MaxPool2dBackward.class, ReferencePooling::maxBackward);
    put(AvgPool2d.class, ReferencePooling::average);
    put(AvgPool2dBackward.class, ReferencePooling::averageBackward);
    put(BatchNorm2d.class, ReferenceNormalization::batchNorm);
    put(BatchNorm2dInference.class, ReferenceNormalization::batchNormInference);
    put(FoldBatchNorm2d.class, ReferenceNormalization::fold);
    put(BatchNorm2dBackward.class, ReferenceNormalization::batchNormBackward);
    put(LocalResponseNorm.class, ReferenceResponse::forward);
    put(LocalResponseNormBackward.class, ReferenceResponse::backward);
    put(Relu.class, ReferenceElementwise::relu);
    put(ReluBackward.class, ReferenceElementwise::reluBackward);
    put(Activation.class, ReferenceElementwise::activation);
    put(ActivationBackward.class, ReferenceElementwise::activationBackward);
    put(Add.class, ReferenceElementwise::add);
    put(Reorder.class, ReferenceElementwise::reorder);
    put(Dropout.class, ReferenceElementwise::dropout);
    put(DropoutBackward.class, ReferenceElementwise::dropoutBackward);
    put(ConcatChannels.class, ReferenceChannels::concat);
    put(SliceChannels.class, ReferenceChannels::slice);
    put(PadChannels.class, ReferenceChannels::pad);
    put(ShuffleChannels.class, ReferenceChannels::shuffle);
    put(Softmax.class, ReferenceLoss::softmax);
    put(SoftmaxCrossEntropy.class, ReferenceLoss::softmaxCrossEntropy);
    put(WeightedCrossEntropy.class, ReferenceLoss::weightedCrossEntropy);
    put(TargetLoss.class, ReferenceLoss::targetLoss);
    put(GatherSamples.class, ReferenceSteps::gatherSamples);
    put(AugmentSamples.class, ReferenceAugmentation::augment);
    put(NormalizeSamples.class, ReferenceAugmentation::normalize);
    put(GatherLabels.class, ReferenceSteps::gatherLabels);
    put(EndStep.class, ReferenceSteps::endStep);
    put(SumGradients.class, ReferenceUpdates::sumGradients);
    put(SquaredNorm.class, ReferenceUpdates::squaredNorm);
    put(ClipFactor.class, ReferenceUpdates::clipFactor);
    put(SgdUpdate.class, ReferenceUpdates::sgd);
    put(AdamUpdate.class, ReferenceUpdates::adam);
    put(RmsPropUpdate.class, ReferenceUpdates::rmsProp);
    put(AdagradUpdate.class, ReferenceUpdates::adagrad);
    put(L1Penalty.class, ReferenceUpdates::l1Penalty);
    put(MovingAverage.class, ReferenceUpdates::movingAverage);
  }

  private ReferenceOps() {}

  /** Returns the op classes that have a meaning here. */
  public static Set<Class<? extends Op>> ops() {
    return Collections.unmodifiableSet(TABLE.keySet());
  }

  /**
   * Runs an op in double precision; nothing is rounded to the outputs' types.
   *
   * @param inputs one tensor per input; those the op mutates are changed
   * @return one tensor per output
   * @throws dev.lamina.tensor.ShapeException if the inputs do not fit the op
   * @throws IllegalArgumentException if the op has no meaning here
   */
  public static List<HostTensor> evaluate(Op op, List<HostTensor> inputs) {
    List<TensorSpec> specs = inputs.stream().map(HostTensor::spec).toList();
    List<HostTensor> outputs = op.infer(specs).stream().map(HostTensor::zeros).toList();
    run(op, inputs, outputs);
    return outputs;
  }

  @SuppressWarnings("unchecked") // put() binds each class to the meaning of that class
  private static <O extends Op> void run(O op, List<HostTensor> inputs, List<HostTensor> outputs) {
    Meaning<O> meaning = (Meaning<O>) TABLE.get(op.getClass());
    if (meaning == null) {
      throw new IllegalArgumentException(
          op.name() + ": " + op.getClass().getName() + " has no entry in ReferenceOps; add one");
    }
    meaning.run(op, inputs, outputs);
  }

  private static <O extends Op> void put(Class<O> type, Meaning<O> meaning) {
    TABLE.put(type, meaning);
  }
}
