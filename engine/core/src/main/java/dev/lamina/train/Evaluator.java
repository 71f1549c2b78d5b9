package dev.lamina.train;

import dev.lamina.data.BatchFeed;
import dev.lamina.data.Dataset;
import dev.lamina.data.Sampler;
import dev.lamina.device.Device;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Model;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.Schedule;
import dev.lamina.exec.Slabs;
import dev.lamina.graph.Loss;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.metric.Tally;
import dev.lamina.op.Augmentation;
import dev.lamina.train.TrainingOptions.Residency;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Measures a model on every sample of a data set, the short last batch included. It binds to the
 * model's parameters and may be used again after they changed. Close it before the model.
 */
public final class Evaluator implements AutoCloseable {
  private static final int LARGEST_BATCH = 256;

  private final Model model;
  private final Device device;
  private final Dataset dataset;
  private final int batch;
  private final BatchFeed feed;
  private final StepPlans plans;
  private final ResourceStack resources = new ResourceStack();

  /**
   * Prepares evaluation by cross-entropy with memory of its own; the data set is kept on the device
   * if it fits.
   */
  public Evaluator(Model model, Dataset dataset) {
    this(model, dataset, Loss.crossEntropy());
  }

  /** Prepares evaluation by another loss. */
  public Evaluator(Model model, Dataset dataset, Loss loss) {
    this(model, dataset, loss, Residency.AUTO, 1);
    device.turn().lock();
    try {
      build(resources.push(Slabs.allocate(device, schedules())));
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    } finally {
      device.turn().unlock();
    }
  }

  /** Lowers, but leaves it to the caller to allocate slabs and to {@link #build}. */
  Evaluator(Model model, Dataset dataset, Loss loss, Residency residency, int threads) {
    Feeds.checkClasses(model, dataset.spec());
    this.model = model;
    this.device = model.device();
    this.dataset = dataset;
    this.batch = Math.min(LARGEST_BATCH, dataset.size());
    device.turn().lock();
    try (ResourceStack made = new ResourceStack()) {
      Residency decided = Feeds.decide(device, dataset, residency, model.choices());
      feed = made.push(Feeds.open(device, dataset, batch, decided, threads));
      plans =
          made.push(
              new StepPlans(model, feed, dataset.normalization(), batch, loss, Augmentation.NONE));
      add(batch);
      if (dataset.size() % batch != 0) {
        add(dataset.size() % batch);
      }
      made.detach();
    } finally {
      device.turn().unlock();
    }
  }

  private void add(int rows) {
    plans.add(
        new StepPlans.Kind(rows, false), model.inference(Purpose.EVALUATION, plans.spec(), rows));
  }

  List<Schedule> schedules() {
    return plans.schedules();
  }

  void build(Slabs slabs) {
    plans.buildInference(slabs);
  }

  /** Runs through the whole data set and returns loss and right answers. */
  public Tally evaluate() {
    return evaluate(() -> false).orElseThrow();
  }

  /** Runs through the data set; empty if {@code stop} said so before its last batch. */
  public Optional<Tally> evaluate(BooleanSupplier stop) {
    Tally tally = new Tally();
    inTurn(() -> plans.start(Sampler.sequential(dataset.size()), batch, 0));
    boolean stopped = false;
    for (int first = 0; first < dataset.size() && !stopped; first += batch) {
      stopped = stop.getAsBoolean();
      if (!stopped) {
        feed.await();
        inTurn(() -> plans.run(false, StepPlans.Scalars.NONE, tally));
      }
    }
    inTurn(() -> plans.collect(tally));
    return stopped ? Optional.empty() : Optional.of(tally);
  }

  /** Returns the plan of a full batch. */
  public ExecutionPlan plan() {
    return plans.plan(new StepPlans.Kind(batch, false));
  }

  /** Returns the bytes of device memory it takes, slabs not counted. */
  long bytesInUse() {
    return plans.bytesInUse();
  }

  private void inTurn(Runnable action) {
    device.turn().lock();
    try {
      action.run();
    } finally {
      device.turn().unlock();
    }
  }

  @Override
  public void close() {
    try (ResourceStack all = new ResourceStack()) {
      all.push(() -> inTurn(resources::close));
      all.push(feed);
      all.push(() -> inTurn(plans::close));
    }
  }
}
