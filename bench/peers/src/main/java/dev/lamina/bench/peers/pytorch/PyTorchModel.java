package dev.lamina.bench.peers.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A network and its resident batches in PyTorch's memory.
 *
 * <p>Every tensor is allocated by PyTorch, with its alignment: what DJL wraps around a Java buffer
 * is copied once. The one staging buffer is as large as the largest tensor and is not kept.
 */
final class PyTorchModel {
  private static final Map<String, Supplier<Block>> BLOCKS =
      Map.of(
          "lenet5", PyTorchNetworks::lenet5,
          "cifar-alexnet", PyTorchNetworks::cifarAlexNet,
          "cifar-resnet18", PyTorchNetworks::cifarResNet18,
          "resnet50", PyTorchNetworks::resNet50);

  private static final Set<ai.djl.nn.Parameter.Type> STATISTICS =
      Set.of(ai.djl.nn.Parameter.Type.RUNNING_MEAN, ai.djl.nn.Parameter.Type.RUNNING_VAR);

  /** One resident batch: images [n,c,h,w] f32, labels [n] i64 (what PyTorch gathers by). */
  record ResidentBatch(NDArray images, NDArray labels) {}

  private final Block block;
  private final List<ResidentBatch> batches = new ArrayList<>();

  /**
   * Builds the network with the workload's initial weights.
   *
   * @param manager owns all tensors
   * @param trained whether parameters collect gradients
   */
  PyTorchModel(NDManager manager, Workload workload, boolean trained) {
    Network network = workload.network();
    Supplier<Block> maker = BLOCKS.get(network.name());
    if (maker == null) {
      throw new IllegalArgumentException(
          "pytorch has no network '" + network.name() + "'; it has " + BLOCKS.keySet());
    }
    block = maker.get();
    ByteBuffer staging = stagingBuffer(workload);
    Shape image = new Shape(network.image().dims());
    initialize(manager, workload, staging, new Shape(workload.batchSize()).addAll(image), trained);
    for (int i = 0; i < workload.batches(); i++) {
      staging.clear();
      workload.writeImages(i, staging.asFloatBuffer());
      NDArray images = copyIn(manager, staging, new Shape(workload.batchSize()).addAll(image));
      try (NDArray labels = manager.create(workload.labels(i))) {
        batches.add(new ResidentBatch(images, labels.toType(DataType.INT64, true)));
      }
    }
  }

  Block block() {
    return block;
  }

  ResidentBatch batch(long step) {
    return batches.get((int) (step % batches.size()));
  }

  /** Returns the parameters that training changes by gradients: no running statistics. */
  static List<ai.djl.nn.Parameter> trained(Block block) {
    return block.getParameters().values().stream()
        .filter(parameter -> !STATISTICS.contains(parameter.getType()))
        .toList();
  }

  private void initialize(
      NDManager manager, Workload workload, ByteBuffer staging, Shape input, boolean trained) {
    List<Network.Parameter> expected = workload.network().parameters();
    List<ai.djl.nn.Parameter> own = trained(block);
    if (own.size() != expected.size()) {
      throw new IllegalStateException(
          workload.network().name()
              + " has "
              + own.size()
              + " parameters in pytorch, "
              + expected.size()
              + " were declared");
    }
    for (int i = 0; i < own.size(); i++) {
      int index = i;
      ai.djl.nn.Parameter parameter = own.get(i);
      parameter.setInitializer(
          (ignored, shape, type) -> {
            Network.Parameter declared = expected.get(index);
            if (!shape.equals(new Shape(declared.shape().dims()))) {
              throw new IllegalStateException(
                  "parameter "
                      + declared.name()
                      + " is "
                      + shape
                      + " in pytorch, declared as "
                      + declared.shape());
            }
            staging.clear();
            workload.writeInitialValues(index, staging.asFloatBuffer());
            return copyIn(manager, staging, shape);
          });
      parameter.freeze(!trained);
    }
    block.initialize(manager, DataType.FLOAT32, input);
  }

  private static NDArray copyIn(NDManager manager, ByteBuffer staging, Shape shape) {
    staging.limit(Math.toIntExact(shape.size() * Float.BYTES));
    try (NDArray wrapped =
        manager.create(staging.slice().order(staging.order()), shape, DataType.FLOAT32)) {
      return wrapped.duplicate();
    }
  }

  private static ByteBuffer stagingBuffer(Workload workload) {
    long floats =
        workload.network().parameters().stream()
            .mapToLong(parameter -> parameter.shape().elements())
            .reduce(workload.imageFloats(), Math::max);
    return ByteBuffer.allocateDirect(Math.toIntExact(floats * Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }
}
