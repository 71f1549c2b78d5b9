package dev.lamina.bench.peers.pytorch;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.bench.peers.pytorch.PyTorchModel.ResidentBatch;
import java.util.OptionalLong;

/**
 * Training as a DJL user writes it, with what DJL leaves open made as fast as it goes: the labels'
 * type fits the loss, no metric is kept, each step has a scope of its own and frees it at its end.
 */
final class PyTorchTraining implements TrainingSession {
  private final Model model;
  private final Trainer trainer;
  private final PyTorchModel network;
  private final Runnable update;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();

  private long step;
  private long updateNanos;

  PyTorchTraining(Engine engine, Setup setup) {
    model = engine.newModel(setup.workload().network().name(), Device.cpu());
    NDManager manager = model.getNDManager();
    float learningRate = setup.workload().network().learningRate();
    network = new PyTorchModel(manager, setup.workload(), true);
    model.setBlock(network.block());
    trainer =
        model.newTrainer(
            new DefaultTrainingConfig(loss)
                .optDevices(new Device[] {Device.cpu()})
                .optOptimizer(
                    Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed(learningRate))
                        .optMomentum(Workload.MOMENTUM)
                        .build()));
    update =
        switch (setup.variant()) {
          case PyTorchEngine.STOCK_SGD -> trainer::step;
          case PyTorchEngine.IN_PLACE_SGD ->
              new InPlaceSgd(manager, network.block(), learningRate)::update;
          default ->
              throw new IllegalArgumentException("no training variant '" + setup.variant() + "'");
        };
  }

  @Override
  public void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step(false);
    }
  }

  @Override
  public float[] runForLosses(int steps) {
    float[] losses = new float[steps];
    for (int i = 0; i < steps; i++) {
      losses[i] = step(true);
    }
    return losses;
  }

  @Override
  public OptionalLong updateNanos() {
    return OptionalLong.of(updateNanos);
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }

  private float step(boolean readLoss) {
    ResidentBatch batch = network.batch(step++);
    // DJL attaches a result to the scope of its first operand: the batch is lent to the step's
    // scope
    // so that everything computed from it goes with that scope.
    try (NDManager scope = trainer.getManager().newSubManager()) {
      batch.images().tempAttach(scope);
      batch.labels().tempAttach(scope);
      NDArray mean;
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList logits = trainer.forward(new NDList(batch.images()));
        mean = loss.evaluate(new NDList(batch.labels()), logits);
        collector.backward(mean);
      }
      long begin = System.nanoTime();
      update.run();
      updateNanos += System.nanoTime() - begin;
      return readLoss ? mean.getFloat() : Float.NaN;
    }
  }
}
