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
import dev.lamina.exec.UpdateRule;
import dev.lamina.metric.Tally;
import dev.lamina.random.Philox;
import dev.lamina.train.TrainingOptions.Residency;
import dev.lamina.train.TrainingResult.Ending;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One training run: everything it needs is allocated when it is made; {@link #run} takes the steps.
 *
 * <p>Used by one thread, except {@link #cancel()}, which any thread may call.
 */
public final class TrainingRun implements AutoCloseable {
  private static final long PROGRESS_NANOS = 100_000_000;

  /** Random stream of what is drawn within steps. */
  private static final long STEP_STREAM = 2;

  private final Model model;
  private final Device device;
  private final Dataset dataset;
  private final TrainingOptions options;
  private final BatchFeed feed;
  private final StepPlans plans;
  private final Optional<Evaluator> validator;
  private final Optional<Evaluator> evaluator;
  private final Slabs slabs;
  private final ResourceStack resources;
  private final int batches;
  private final long randomKey;
  private Position position = Position.START;
  private long deadline;
  private volatile boolean cancelled;

  TrainingRun(
      Model model,
      Dataset dataset,
      Optional<Dataset> validation,
      Optional<Dataset> evaluated,
      TrainingOptions options) {
    Feeds.checkClasses(model, dataset.spec());
    this.model = model;
    this.device = model.device();
    this.dataset = dataset;
    this.options = options;
    int batch = options.batchSize();
    batches = (dataset.size() + batch - 1) / batch;
    randomKey = new Philox(options.seed(), STEP_STREAM).key();
    device.turn().lock();
    try (ResourceStack made = new ResourceStack()) {
      Residency residency = Feeds.decide(device, dataset, options.residency(), model.choices());
      feed = made.push(Feeds.open(device, dataset, batch, residency, options.loaderThreads()));
      plans =
          made.push(
              new StepPlans(
                  model,
                  feed,
                  dataset.normalization(),
                  batch,
                  options.loss(),
                  options.augmentation()));
      lower(batch);
      validator = validation.map(samples -> made.push(evaluator(samples)));
      evaluator = evaluated.map(test -> made.push(evaluator(test)));
      List<Schedule> schedules = new ArrayList<>(plans.schedules());
      validator.ifPresent(samples -> schedules.addAll(samples.schedules()));
      evaluator.ifPresent(test -> schedules.addAll(test.schedules()));
      slabs = Slabs.allocate(device, schedules);
      ResourceStack owned = new ResourceStack();
      owned.push(slabs);
      made.push(owned);
      plans.build(slabs);
      validator.ifPresent(samples -> samples.build(slabs));
      evaluator.ifPresent(test -> test.build(slabs));
      resources = owned;
      made.detach();
    } finally {
      device.turn().unlock();
    }
  }

  private Evaluator evaluator(Dataset test) {
    return new Evaluator(model, test, options.loss(), options.residency(), options.loaderThreads());
  }

  private void lower(int batch) {
    UpdateRule rule =
        new UpdateRule(
            Optional.of(options.optimizer().op()),
            options.optimizer().weightDecay(),
            options.clipNorm().orElse(0f),
            options.accumulate() > 1,
            options.l1(),
            options.decaysAll(),
            options.averageDecay().isPresent());
    model.begin(rule);
    Set<Integer> sizes = new LinkedHashSet<>();
    if (dataset.size() >= batch) {
      sizes.add(batch);
    }
    if (dataset.size() % batch != 0) {
      sizes.add(dataset.size() % batch);
    }
    for (int rows : sizes) {
      plans.add(new StepPlans.Kind(rows, true), model.training(plans.spec(), rows, rule));
      if (rule.accumulates()) {
        plans.add(
            new StepPlans.Kind(rows, false),
            model.training(plans.spec(), rows, rule.withoutUpdate()));
      }
    }
  }

  /** Returns the model. */
  public Model model() {
    return model;
  }

  /** Returns what the run does. */
  public TrainingOptions options() {
    return options;
  }

  /** Returns the plan of a full training step, or of the only batch if there is no full one. */
  public ExecutionPlan plan() {
    return plans.plan(new StepPlans.Kind(Math.min(options.batchSize(), dataset.size()), true));
  }

  /** Returns the plan that evaluates a full batch, if the run measures the model on anything. */
  public Optional<ExecutionPlan> evaluationPlan() {
    return evaluator.map(Evaluator::plan);
  }

  /** Returns the bytes of device memory that the run and its model take. */
  public long bytesInUse() {
    return model.bytesInUse()
        + slabs.bytes()
        + plans.bytesInUse()
        + validator.map(Evaluator::bytesInUse).orElse(0L)
        + evaluator.map(Evaluator::bytesInUse).orElse(0L);
  }

  /** Returns how far the run has come, always between two updates. */
  public Position position() {
    return position;
  }

  /**
   * Goes on from a saved position; the model's tensors must be restored beside it.
   *
   * @throws IllegalArgumentException if the position is outside of this run
   */
  public void resume(Position saved) {
    if (saved.epoch() > options.epochs() || saved.batch() > batches) {
      throw new IllegalArgumentException(
          "cannot resume at epoch %d, batch %d: the run has %d epochs of %d batches"
              .formatted(saved.epoch(), saved.batch(), options.epochs(), batches));
    }
    position = saved;
  }

  /**
   * Asks the run to stop after the update or the batch of an evaluation under way; it may be called
   * from any thread. A run that goes on later makes an evaluation that was broken off anew.
   */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Trains to the end: of all epochs, of the time, where the validation loss no longer falls, or
   * until cancelled.
   *
   * @throws DivergedException if the loss is no longer finite
   */
  public TrainingResult run(TrainingListener... listeners) {
    for (TrainingListener listener : listeners) {
      listener.onStart(this);
    }
    List<EpochReport> reports = new ArrayList<>();
    double nanos = Math.min(Long.MAX_VALUE / 2, options.maxSeconds() * 1e9);
    deadline = System.nanoTime() + (long) nanos;
    while (position.epoch() < options.epochs()
        && !cancelled
        && !isStale()
        && (reports.isEmpty() || !isLate())) {
      EpochReport report = epoch(listeners);
      if (report != null) {
        reports.add(report);
        for (TrainingListener listener : listeners) {
          listener.onEpoch(this, report);
        }
      }
    }
    return new TrainingResult(reports, ending(), position);
  }

  /**
   * Takes further steps task by task, each waited for, to see where their time goes: on the first
   * batches of the data, with a learning rate of 0. Parameters stay as they are; gradients,
   * optimizer state and running statistics do not.
   *
   * @return the times of the tasks, in order, of each step; of fewer steps if the run is cancelled
   */
  public List<List<ExecutionPlan.Timing>> timedSteps(int steps) {
    int batch = Math.min(options.batchSize(), dataset.size());
    int full = dataset.size() / batch;
    int[] order = Sampler.shuffled(dataset.size(), options.seed(), 0);
    float[] corrections = options.optimizer().biasCorrections(position.updates() + 1);
    List<List<ExecutionPlan.Timing>> timings = new ArrayList<>();
    inTurn(
        () -> {
          for (int step = 0; step < steps && !cancelled; step++) {
            if (step % full == 0) {
              plans.start(order, batch, 0);
            }
            timings.add(
                plans.timedRun(new StepPlans.Scalars(0, 1, 0, corrections, 1, step, randomKey)));
          }
        });
    return timings;
  }

  private Ending ending() {
    if (position.epoch() >= options.epochs()) {
      return Ending.FINISHED;
    }
    if (cancelled) {
      return Ending.CANCELLED;
    }
    return isStale() ? Ending.STOPPED_EARLY : Ending.OUT_OF_TIME;
  }

  /** Says whether the validation loss has not fallen for as long as it was given. */
  private boolean isStale() {
    Watch watch = position.watch();
    return options.patience().isPresent()
        && watch.bestEpoch() > 0
        && position.epoch() - watch.bestEpoch() >= options.patience().get();
  }

  private boolean isLate() {
    return System.nanoTime() - deadline >= 0;
  }

  /** Runs the epoch under way and its evaluations to their end, or returns null when cancelled. */
  private EpochReport epoch(TrainingListener... listeners) {
    int epoch = position.epoch();
    int batch = position.batch();
    long updates = position.updates();
    Tally tally = position.tally();
    long rowsBefore = tally.rows();
    int[] order = Sampler.shuffled(dataset.size(), options.seed(), epoch);
    inTurn(() -> plans.start(order, options.batchSize(), position.batch()));
    long waited = feed.waitedNanos();
    long start = System.nanoTime();
    long shown = start;
    float rate = 0;
    while (batch < batches && !cancelled && !(batch > position.batch() && isLate())) {
      int group = Math.min(options.accumulate(), batches - batch);
      rate = rate(updates);
      float[] corrections = options.optimizer().biasCorrections(updates + 1);
      for (int member = 0; member < group; member++) {
        StepPlans.Scalars scalars =
            new StepPlans.Scalars(
                rate,
                1f / group,
                member == 0 ? 0 : 1,
                corrections,
                updates == 0 ? 0 : options.averageDecay().orElse(0f),
                (long) epoch * batches + batch + member,
                randomKey);
        step(member == group - 1, scalars, tally);
      }
      batch += group;
      updates++;
      long now = System.nanoTime();
      if (now - shown > PROGRESS_NANOS) {
        shown = now;
        check(tally, epoch);
        long rows = rowsUpTo(batch) - rowsUpTo(position.batch());
        Progress progress = progress(epoch, batch, tally, rows, now - start);
        for (TrainingListener listener : listeners) {
          listener.onProgress(this, progress);
        }
      }
    }
    inTurn(() -> plans.collect(tally));
    long nanos = System.nanoTime() - start;
    check(tally, epoch);
    if (updates == position.updates() && updates > 0) {
      // No update was left, only an evaluation that had been broken off.
      rate = rate(updates - 1);
    }
    Watch watch = position.watch();
    if (cancelled && batch < batches) {
      position = within(epoch, batch, updates, tally);
      return null;
    }
    Optional<EpochReport.Evaluation> validation = evaluate(validator, epoch);
    Optional<EpochReport.Evaluation> test = evaluate(evaluator, epoch);
    if (validation.isPresent() != validator.isPresent()
        || test.isPresent() != evaluator.isPresent()) {
      position = within(epoch, batch, updates, tally);
      return null;
    }
    if (batch < batches) {
      position = within(epoch, batch, updates, tally);
    } else {
      Watch next =
          validation
              .map(found -> watch.after(epoch + 1, found.loss(), options.plateau()))
              .orElse(watch);
      position = new Position(epoch + 1, 0, updates, 0, 0, 0, next);
    }
    return new EpochReport(
        epoch + 1,
        updates,
        tally.loss(),
        tally.accuracy(),
        validation,
        test,
        tally.rows() == rowsBefore ? Double.NaN : (tally.rows() - rowsBefore) * 1e9 / nanos,
        nanos * 1e-9,
        (feed.waitedNanos() - waited) / (double) nanos,
        rate);
  }

  private Position within(int epoch, int batch, long updates, Tally tally) {
    return new Position(
        epoch, batch, updates, tally.lossSum(), tally.correct(), tally.rows(), position.watch());
  }

  private float rate(long update) {
    LearningRate.Moment moment =
        new LearningRate.Moment(update, updatesPerEpoch(), options.epochs());
    float rate = options.learningRate().at(moment);
    if (options.plateau().isEmpty()) {
      return rate;
    }
    float lowered = (float) (rate * position.watch().rateFactor());
    return Math.max(Math.min(rate, options.plateau().get().minimum()), lowered);
  }

  private void step(boolean updates, StepPlans.Scalars scalars, Tally tally) {
    feed.await();
    inTurn(() -> plans.run(updates, scalars, tally));
  }

  private void inTurn(Runnable action) {
    device.turn().lock();
    try {
      action.run();
    } finally {
      device.turn().unlock();
    }
  }

  private Optional<EpochReport.Evaluation> evaluate(Optional<Evaluator> on, int epoch) {
    return on.flatMap(samples -> samples.evaluate(() -> cancelled))
        .map(
            tally -> {
              check(tally, epoch);
              return new EpochReport.Evaluation(tally.loss(), tally.accuracy());
            });
  }

  private int updatesPerEpoch() {
    return (batches + options.accumulate() - 1) / options.accumulate();
  }

  private long rowsUpTo(int batch) {
    return Math.min((long) batch * options.batchSize(), dataset.size());
  }

  /** The rate counts rows handed to the device: results are read later, many at once. */
  private Progress progress(int epoch, int batch, Tally tally, long rows, long nanos) {
    return new Progress(
        epoch + 1,
        options.epochs(),
        batch,
        batches,
        tally.loss(),
        tally.accuracy(),
        rows * 1e9 / nanos);
  }

  private void check(Tally tally, int epoch) {
    if (!Double.isFinite(tally.lossSum())) {
      throw new DivergedException(
          "the loss became "
              + tally.lossSum()
              + " in epoch "
              + (epoch + 1)
              + "; try a smaller learning rate, or bound the gradients' norm");
    }
  }

  @Override
  public void close() {
    try (ResourceStack all = new ResourceStack()) {
      all.push(() -> inTurn(resources::close));
      all.push(feed);
      validator.ifPresent(all::push);
      evaluator.ifPresent(all::push);
      all.push(() -> inTurn(plans::close));
    }
  }
}
