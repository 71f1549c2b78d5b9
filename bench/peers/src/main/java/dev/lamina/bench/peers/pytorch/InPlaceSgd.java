package dev.lamina.bench.peers.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.lamina.bench.peers.engine.Workload;
import java.util.List;

/**
 * SGD with momentum in five in-place operations a tensor, gradients zeroed as DJL's SGD does.
 *
 * <p>The momentum is kept times the learning rate, which is the same while that rate is constant:
 * {@code v = momentum·v + rate·g, w -= v}.
 */
final class InPlaceSgd {
  private final List<PtNDArray> weights;
  private final List<NDArray> momenta;
  private final NDArray learningRate;
  private final NDArray momentum;

  private List<NDArray> gradients = List.of();

  InPlaceSgd(NDManager manager, Block block, float learningRate) {
    weights =
        PyTorchModel.trained(block).stream()
            .map(Parameter::getArray)
            .map(PtNDArray.class::cast)
            .toList();
    momenta = weights.stream().map(NDArray::zerosLike).toList();
    this.learningRate = manager.create(learningRate);
    momentum = manager.create(Workload.MOMENTUM);
  }

  void update() {
    if (gradients.isEmpty()) {
      // They exist from the first backward pass on, and stay the same tensors since they are zeroed
      // in place.
      gradients = weights.stream().map(NDArray::getGradient).toList();
    }
    for (int i = 0; i < weights.size(); i++) {
      NDArray change = momenta.get(i);
      change.muli(momentum).addi(gradients.get(i).muli(learningRate));
      weights.get(i).subi(change);
      JniUtils.zeroGrad(weights.get(i));
    }
  }
}
