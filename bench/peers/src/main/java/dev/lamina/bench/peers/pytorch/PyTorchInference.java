package dev.lamina.bench.peers.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.pytorch.PyTorchModel.ResidentBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Inference by one or several Java threads, each with a batch at a time; parameters are frozen and
 * gradient mode is off, so nothing is recorded for a backward pass.
 */
final class PyTorchInference implements InferenceSession {
  private final NDManager manager;
  private final PyTorchModel network;
  private final ParameterStore parameters;
  private final int streams;
  private final ExecutorService threads;

  private long step;

  PyTorchInference(Engine engine, Setup setup, int streams) {
    this.streams = streams;
    manager = engine.newBaseManager(Device.cpu());
    network = new PyTorchModel(manager, setup.workload(), false);
    parameters = new ParameterStore(manager, false);
    threads =
        Executors.newFixedThreadPool(
            streams,
            task -> {
              Thread thread = new Thread(task, "pytorch-stream");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public void run(int steps) {
    if (streams == 1) {
      runStream(step, steps, 1);
    } else {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < streams; i++) {
        long first = step + i;
        int count = (steps - i + streams - 1) / streams;
        running.add(threads.submit(() -> runStream(first, count, streams)));
      }
      running.forEach(PyTorchInference::join);
    }
    step += steps;
  }

  @Override
  public float[] firstProbabilities() {
    try (NDManager scope = manager.newSubManager()) {
      return forward(scope, network.batch(0)).toFloatArray();
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    manager.close();
  }

  private void runStream(long first, int count, int stride) {
    // Gradient mode belongs to the thread; DJL turns it off only on the one that loaded PyTorch.
    JniUtils.setGradMode(false);
    for (int i = 0; i < count; i++) {
      try (NDManager scope = manager.newSubManager()) {
        forward(scope, network.batch(first + (long) i * stride));
      }
    }
  }

  private NDArray forward(NDManager scope, ResidentBatch batch) {
    // Results belong to their first operand's scope: a view of the batch, made for this step alone,
    // since two streams may hold the same batch.
    NDArray images = batch.images().stopGradient();
    images.attach(scope);
    NDArray logits =
        network.block().forward(parameters, new NDList(images), false).singletonOrThrow();
    return logits.softmax(-1);
  }

  private static void join(Future<?> stream) {
    try {
      stream.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("an inference stream failed: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an inference stream ran", e);
    }
  }
}
