package dev.lamina.train;

import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleCopy;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.Stream;
import dev.lamina.exec.ExecutionPlan;
import dev.lamina.exec.Keys;
import dev.lamina.exec.Model;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.Schedule;
import dev.lamina.exec.Slabs;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.graph.StepGraph.Purpose;
import dev.lamina.metric.Predictions;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Class probabilities for single samples, from any number of threads: calls queue to one thread,
 * which runs what has gathered as one batch. It binds to the model's parameters, without a copy,
 * and sees them change when the model is trained meanwhile. Close it before the model.
 *
 * <p>The answering thread takes the device's turn, so whoever holds that can neither predict nor
 * close.
 */
public final class Predictor implements AutoCloseable {
  private static final int LARGEST_BATCH = 64;

  /** Calls that may wait for an answer; further ones wait for a place. */
  private static final int MOST_QUEUED = 4 * LARGEST_BATCH;

  private record Request(Object sample, CompletableFuture<float[]> answer) {}

  private final Device device;
  private final SampleSpec spec;
  private final DeviceBuffer samples;
  private final DeviceBuffer probabilities;
  private final PinnedBuffer hostSamples;
  private final PinnedBuffer hostProbabilities;
  private final TreeMap<Integer, ExecutionPlan> plans = new TreeMap<>();
  private final ResourceStack resources = new ResourceStack();
  private final Thread worker;

  /** Guards what follows. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition arrived = lock.newCondition();
  private final Condition taken = lock.newCondition();
  private final Deque<Request> queue = new ArrayDeque<>();
  private boolean closed;

  /**
   * Prepares prediction in batches of up to 64.
   *
   * @param spec what samples look like
   * @param normalization how stored values become network inputs, as in training
   * @throws dev.lamina.tensor.ShapeException if the model does not take such samples
   */
  public Predictor(Model model, SampleSpec spec, Normalization normalization) {
    Feeds.checkClasses(model, spec);
    this.device = model.device();
    this.spec = spec;
    TensorSpec source = new TensorSpec(spec.type(), spec.batch(LARGEST_BATCH));
    TensorSpec tablesSpec = StepTable.spec(1, LARGEST_BATCH);
    long classes = spec.classes();
    device.turn().lock();
    try (ResourceStack made = new ResourceStack()) {
      DeviceArena arena = made.push(device.arena("predictor of " + model.graph().name()));
      samples = arena.allocate("samples", source.bytes());
      probabilities = arena.allocate("probabilities", LARGEST_BATCH * classes * Float.BYTES);
      Map<String, DeviceBuffer> bound = new HashMap<>();
      bound.put(Keys.SAMPLES, samples);
      bound.put(Keys.PROBABILITIES, probabilities);
      bound.put(Keys.TABLES, arena.allocate("tables", tablesSpec.bytes()));
      bound.put(Keys.CURSOR, arena.allocate("cursor", StepTable.cursor().bytes()));
      arena.seal();
      hostSamples = made.push(device.pinned("samples", samples.bytes()));
      hostProbabilities = made.push(device.pinned("probabilities", probabilities.bytes()));
      number(bound.get(Keys.TABLES));
      Feed feed =
          new Feed(
              source,
              normalization.scale(),
              normalization.mean(),
              normalization.deviation(),
              tablesSpec);
      List<Schedule> schedules = new ArrayList<>();
      int[] sizes = {LARGEST_BATCH, 1};
      for (int rows : sizes) {
        schedules.add(made.push(model.inference(Purpose.PREDICTION, feed, rows)));
      }
      Slabs slabs = made.push(Slabs.allocate(device, schedules));
      for (int i = 0; i < sizes.length; i++) {
        plans.put(sizes[i], made.push(model.inferencePlan(schedules.get(i), slabs, bound)));
      }
      worker = new Thread(this::serve, "lamina-predictor");
      worker.setDaemon(true);
      worker.start();
      made.detach();
      resources.push(arena);
      resources.push(hostSamples);
      resources.push(hostProbabilities);
      resources.push(slabs);
      plans.values().forEach(resources::push);
    } finally {
      device.turn().unlock();
    }
  }

  /** Row r of every batch is row r of the staging buffer. */
  private void number(DeviceBuffer tables) {
    try (PinnedBuffer numbers = device.pinned("row numbers", tables.bytes())) {
      ByteBuffer words = numbers.bytes().order(ByteOrder.nativeOrder());
      for (int row = 0; row < LARGEST_BATCH; row++) {
        words.putInt((StepTable.INDICES + row) * Integer.BYTES, row);
      }
      device.compute().upload(words.clear(), tables);
      device.compute().sync();
    }
  }

  /**
   * Returns the probability of each class for one sample of float values; waits for its turn.
   *
   * @param values {@code [channels, height, width]}
   * @throws IllegalArgumentException if the length or the type of sample is not the model's
   * @throws IllegalStateException if the predictor is closed, the thread is interrupted or holds
   *     the device's turn, or the device fails
   */
  public float[] predict(float[] values) {
    require(DataType.F32, values.length);
    return submit((Object) values.clone()).get(0);
  }

  /**
   * Returns the probability of each class for one sample of pixels; waits for its turn.
   *
   * @param pixels {@code [channels, height, width]}, unsigned
   * @throws IllegalArgumentException if the length or the type of sample is not the model's
   * @throws IllegalStateException if the predictor is closed, the thread is interrupted or holds
   *     the device's turn, or the device fails
   */
  public float[] predict(byte[] pixels) {
    require(DataType.U8, pixels.length);
    return submit((Object) pixels.clone()).get(0);
  }

  /**
   * Returns the class probabilities of all samples of a data set, in its order; waits for its turn
   * batch by batch.
   *
   * @throws IllegalArgumentException if its samples are not what the predictor was made for, or a
   *     probability is no number, as after a divergence
   * @throws IllegalStateException if the predictor is closed, the thread is interrupted or holds
   *     the device's turn, or the device fails
   */
  public Predictions predict(Dataset dataset) {
    if (!dataset.spec().equals(spec)) {
      throw new IllegalArgumentException(
          "samples of %s are %s, but the predictor takes %s"
              .formatted(dataset.name(), dataset.spec(), spec));
    }
    Predictions predictions = new Predictions(spec.classes(), dataset.size());
    while (predictions.size() < dataset.size()) {
      int first = predictions.size();
      int rows = Math.min(LARGEST_BATCH, dataset.size() - first);
      Object[] batch = new Object[rows];
      for (int row = 0; row < rows; row++) {
        batch[row] = read(dataset, first + row);
      }
      List<float[]> answers = submit(batch);
      for (int row = 0; row < rows; row++) {
        predictions.add(dataset.label(first + row), answers.get(row));
      }
    }
    return predictions;
  }

  private Object read(Dataset dataset, int index) {
    ByteBuffer bytes = ByteBuffer.allocate(spec.bytes()).order(ByteOrder.nativeOrder());
    SampleCopy.append(dataset, index, bytes, ByteBuffer.allocate(Integer.BYTES));
    if (spec.type() == DataType.U8) {
      return bytes.array();
    }
    float[] values = new float[spec.elements()];
    bytes.flip().asFloatBuffer().get(values);
    return values;
  }

  private void require(DataType type, int length) {
    if (spec.type() != type || length != spec.elements()) {
      throw new IllegalArgumentException(
          "a sample of %d %s values was given, but the model takes %s"
              .formatted(length, type, spec));
    }
  }

  /** Samples given together are run together, so that their answers do not depend on timing. */
  private List<float[]> submit(Object... samples) {
    requireNoTurn();
    List<Request> requests = new ArrayList<>();
    for (Object sample : samples) {
      requests.add(new Request(sample, new CompletableFuture<>()));
    }
    try {
      enqueue(requests);
      List<float[]> answers = new ArrayList<>();
      for (Request request : requests) {
        answers.add(request.answer().get());
      }
      return answers;
    } catch (InterruptedException interrupted) {
      requests.forEach(request -> request.answer().cancel(false));
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a prediction");
    } catch (ExecutionException failed) {
      throw new IllegalStateException("prediction failed: " + failed.getCause(), failed.getCause());
    }
  }

  private void requireNoTurn() {
    if (device.turn().isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "thread %s holds the turn of device %s, which the predictor waits for: unlock it first"
              .formatted(Thread.currentThread().getName(), device.info().name()));
    }
  }

  private void enqueue(List<Request> requests) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (queue.size() + requests.size() > MOST_QUEUED && !closed) {
        taken.await();
      }
      if (closed) {
        throw new IllegalStateException("the predictor is closed");
      }
      queue.addAll(requests);
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void serve() {
    for (List<Request> batch = take(); !batch.isEmpty(); batch = take()) {
      try {
        answer(batch);
      } catch (RuntimeException | Error failure) {
        batch.forEach(request -> request.answer().completeExceptionally(failure));
      }
    }
  }

  /** Waits for calls and takes as many as fit a batch; none once it is closed and all are taken. */
  private List<Request> take() {
    List<Request> batch = new ArrayList<>();
    lock.lock();
    try {
      while (batch.isEmpty() && !(closed && queue.isEmpty())) {
        while (!queue.isEmpty() && batch.size() < LARGEST_BATCH) {
          Request request = queue.remove();
          if (!request.answer().isCancelled()) {
            batch.add(request);
          }
        }
        taken.signalAll();
        if (batch.isEmpty() && !closed) {
          arrived.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
    return batch;
  }

  private void answer(List<Request> batch) {
    ByteBuffer staging = hostSamples.bytes().clear().order(ByteOrder.nativeOrder());
    for (Request request : batch) {
      if (request.sample() instanceof byte[] pixels) {
        staging.put(pixels);
      } else {
        float[] values = (float[]) request.sample();
        staging.asFloatBuffer().put(values);
        staging.position(staging.position() + values.length * Float.BYTES);
      }
    }
    staging.flip();
    int classes = spec.classes();
    ByteBuffer results = hostProbabilities.bytes().clear().order(ByteOrder.nativeOrder());
    results.limit(batch.size() * classes * Float.BYTES);
    device.turn().lock();
    try {
      Stream stream = device.compute();
      stream.upload(staging, samples.slice(0, staging.remaining()));
      plans.ceilingEntry(batch.size()).getValue().launch();
      stream.download(probabilities.slice(0, results.remaining()), results);
      stream.sync();
    } finally {
      device.turn().unlock();
    }
    results = hostProbabilities.bytes().clear().order(ByteOrder.nativeOrder());
    for (Request request : batch) {
      float[] answer = new float[classes];
      for (int i = 0; i < classes; i++) {
        answer[i] = results.getFloat();
      }
      request.answer().complete(answer);
    }
  }

  /**
   * Answers what is queued, refuses what comes later, and releases the plans.
   *
   * @throws IllegalStateException if the thread holds the device's turn
   */
  @Override
  public void close() {
    requireNoTurn();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      arrived.signalAll();
      taken.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    device.turn().lock();
    try {
      resources.close();
    } finally {
      device.turn().unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
