package dev.lamina.bench.peers.pytorch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/** The networks as DJL blocks, from images [n,c,h,w] to logits [n,classes]. */
final class PyTorchNetworks {
  private PyTorchNetworks() {}

  static Block lenet5() {
    return new SequentialBlock()
        .add(convolution(6, 5, 1, 2, true))
        .add(Activation.reluBlock())
        .add(maxPool(2))
        .add(convolution(16, 5, 1, 0, true))
        .add(Activation.reluBlock())
        .add(maxPool(2))
        .add(Blocks.batchFlattenBlock())
        .add(linear(120))
        .add(Activation.reluBlock())
        .add(linear(84))
        .add(Activation.reluBlock())
        .add(linear(10));
  }

  static Block cifarAlexNet() {
    return new SequentialBlock()
        .add(convolution(96, 5, 2, 2, true))
        .add(Activation.reluBlock())
        .add(maxPool(2))
        .add(convolution(256, 5, 1, 2, true))
        .add(Activation.reluBlock())
        .add(maxPool(2))
        .add(convolution(384, 3, 1, 1, true))
        .add(Activation.reluBlock())
        .add(convolution(384, 3, 1, 1, true))
        .add(Activation.reluBlock())
        .add(convolution(384, 3, 1, 1, true))
        .add(Activation.reluBlock())
        .add(maxPool(2))
        .add(Blocks.batchFlattenBlock())
        .add(linear(4096))
        .add(Activation.reluBlock())
        .add(linear(4096))
        .add(Activation.reluBlock())
        .add(linear(10));
  }

  static Block cifarResNet18() {
    SequentialBlock network = new SequentialBlock();
    normalized(network, 64, 3, 1, 1);
    network.add(Activation.reluBlock());
    return residual(network, new int[] {2, 2, 2, 2}, false, 10);
  }

  static Block resNet50() {
    SequentialBlock network = new SequentialBlock();
    normalized(network, 64, 7, 2, 3);
    network.add(Activation.reluBlock());
    network.add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
    return residual(network, new int[] {3, 4, 6, 3}, true, 1000);
  }

  private static Block residual(
      SequentialBlock network, int[] blocks, boolean bottleneck, int classes) {
    int inputs = 64;
    for (int stage = 0; stage < blocks.length; stage++) {
      int width = 64 << stage;
      int outputs = bottleneck ? 4 * width : width;
      for (int block = 0; block < blocks[stage]; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        SequentialBlock main = new SequentialBlock();
        if (bottleneck) {
          normalized(main, width, 1, 1, 0);
          main.add(Activation.reluBlock());
          normalized(main, width, 3, stride, 1);
          main.add(Activation.reluBlock());
          normalized(main, outputs, 1, 1, 0);
        } else {
          normalized(main, width, 3, stride, 1);
          main.add(Activation.reluBlock());
          normalized(main, outputs, 3, 1, 1);
        }
        SequentialBlock shortcut = new SequentialBlock();
        if (inputs != outputs) {
          normalized(shortcut, outputs, 1, stride, 0);
        } else {
          shortcut.add(Blocks.identityBlock());
        }
        network.add(new ParallelBlock(PyTorchNetworks::sum, List.of(main, shortcut)));
        network.add(Activation.reluBlock());
        inputs = outputs;
      }
    }
    return network
        .add(Pool.globalAvgPool2dBlock())
        .add(Blocks.batchFlattenBlock())
        .add(linear(classes));
  }

  /** In place: the gradient of a normalisation does not look at its result. */
  private static NDList sum(List<NDList> paths) {
    return new NDList(paths.get(0).singletonOrThrow().addi(paths.get(1).singletonOrThrow()));
  }

  private static void normalized(
      SequentialBlock target, int filters, int extent, int stride, int padding) {
    target.add(convolution(filters, extent, stride, padding, false));
    target.add(BatchNorm.builder().build());
  }

  private static Conv2d convolution(
      int filters, int extent, int stride, int padding, boolean bias) {
    return Conv2d.builder()
        .setKernelShape(new Shape(extent, extent))
        .optStride(new Shape(stride, stride))
        .optPadding(new Shape(padding, padding))
        .optBias(bias)
        .setFilters(filters)
        .build();
  }

  private static Block maxPool(int extent) {
    return Pool.maxPool2dBlock(new Shape(extent, extent), new Shape(extent, extent));
  }

  private static Linear linear(int units) {
    return Linear.builder().setUnits(units).build();
  }
}
