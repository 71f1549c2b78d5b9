package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Parameter;
import dev.lamina.random.Philox;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The tensors of a {@link Model} by name: which there are, their first values, their transfer. */
final class ModelTensors {
  /** Random stream of initial values; each parameter has its own, from here on. */
  private static final long INITIAL_STREAM = 1L << 32;

  private static final int CHUNK = 1 << 20;

  private final Device device;
  private final Graph graph;
  private final Lowering lowering;
  private final FlatBuffers flat;

  ModelTensors(Device device, Graph graph, Lowering lowering, FlatBuffers flat) {
    this.device = device;
    this.graph = graph;
    this.lowering = lowering;
    this.flat = flat;
  }

  /** Returns what the network computes with, in order: parameters, then statistics. */
  List<TensorName> values() {
    List<TensorName> names = new ArrayList<>();
    for (Parameter parameter : graph.parameters()) {
      names.add(new TensorName(parameter.name(), TensorName.PARAMETER));
    }
    for (Parameter statistic : graph.statistics()) {
      names.add(new TensorName(statistic.name(), TensorName.STATISTIC));
    }
    return names;
  }

  /**
   * Returns the tensors that make up the model's state: its values, then moving averages, if there
   * are any, and optimizer states.
   */
  List<TensorName> all() {
    List<TensorName> names = values();
    if (flat.has(Keys.AVERAGE)) {
      graph.parameters().forEach(p -> names.add(new TensorName(p.name(), TensorName.AVERAGE)));
    }
    for (int state = 0; flat.has(Keys.state(state)); state++) {
      for (Parameter parameter : graph.parameters()) {
        if (!parameter.frozen()) {
          names.add(new TensorName(parameter.name(), state));
        }
      }
    }
    return names;
  }

  /**
   * Gives access to the values of a tensor; the caller closes it.
   *
   * @throws IllegalStateException if nothing has settled the model yet
   */
  TensorTransfer transfer(TensorName name) {
    return new TensorTransfer(device, entry(name), flat(name), flat.freshness()::changed);
  }

  /** Returns the values of a tensor in canonical order. */
  float[] read(TensorName name) {
    device.turn().lock();
    try (TensorTransfer transfer = transfer(name);
        PinnedBuffer pinned = device.pinned("tensor", CHUNK)) {
      float[] values = new float[Math.toIntExact(transfer.spec().elements())];
      for (int first = 0; first < values.length; first += CHUNK / Float.BYTES) {
        int count = Math.min(values.length - first, CHUNK / Float.BYTES);
        transfer.read(first, pinned.bytes().clear().limit(count * Float.BYTES));
        pinned.bytes().clear().asFloatBuffer().get(values, first, count);
      }
      return values;
    } finally {
      device.turn().unlock();
    }
  }

  /** Gives parameters and statistics their first values. */
  void initialize(long seed) {
    long stream = INITIAL_STREAM;
    for (Parameter parameter : graph.parameters()) {
      initialize(parameter, TensorName.PARAMETER, new Philox(seed, stream++));
    }
    for (Parameter statistic : graph.statistics()) {
      initialize(statistic, TensorName.STATISTIC, new Philox(seed, stream++));
    }
  }

  private void initialize(Parameter parameter, int state, Philox random) {
    TensorName name = new TensorName(parameter.name(), state);
    try (TensorTransfer transfer = transfer(name);
        PinnedBuffer pinned = device.pinned("initial values", CHUNK)) {
      long elements = transfer.spec().elements();
      for (long first = 0; first < elements; first += CHUNK / Float.BYTES) {
        int count = (int) Math.min(elements - first, CHUNK / Float.BYTES);
        ByteBuffer chunk = pinned.bytes().clear().limit(count * Float.BYTES);
        for (int i = 0; i < count; i++) {
          float value = parameter.initializer().value(random, first + i);
          chunk.putFloat(i * Float.BYTES, value);
        }
        transfer.write(first, chunk);
      }
      transfer.finish();
    }
  }

  private ParameterLayout.Entry entry(TensorName name) {
    boolean statistic = name.state() == TensorName.STATISTIC;
    ParameterLayout entries = statistic ? lowering.statistics() : lowering.parameters();
    ParameterLayout.Entry entry = entries.entry(name.parameter());
    if (entry == null) {
      throw new IllegalArgumentException(
          "model %s has no %s %s"
              .formatted(graph.name(), statistic ? "statistic" : "parameter", name.parameter()));
    }
    return entry;
  }

  private DeviceBuffer flat(TensorName name) {
    String key =
        switch (name.state()) {
          case TensorName.PARAMETER -> Keys.PARAMETERS;
          case TensorName.STATISTIC -> Keys.STATISTICS;
          case TensorName.AVERAGE -> Keys.AVERAGE;
          default -> Keys.state(name.state());
        };
    DeviceBuffer buffer = flat.get(key);
    if (buffer == null) {
      throw new IllegalStateException("model " + graph.name() + " has no " + key + " yet");
    }
    return buffer;
  }
}
