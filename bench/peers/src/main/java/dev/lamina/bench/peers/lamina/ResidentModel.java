package dev.lamina.bench.peers.lamina;

import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.bench.peers.engine.Workload.InitialValues;
import dev.lamina.data.Normalization;
import dev.lamina.data.ResidentFeed;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Keys;
import dev.lamina.exec.Model;
import dev.lamina.exec.Model.TensorName;
import dev.lamina.exec.ResourceStack;
import dev.lamina.exec.TensorTransfer;
import dev.lamina.graph.Graph;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.StepGraph.Feed;
import dev.lamina.models.ModelCatalog;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A network with the workload's weights, its resident batches, and one step table per batch, so
 * that a step needs nothing from the host.
 */
final class ResidentModel implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Device device;
  private final Workload workload;
  private final Model model;
  private final ResidentFeed batches;
  private final Feed feed;
  private final Map<String, DeviceBuffer> bound;
  private final ResourceStack resources = new ResourceStack();

  /**
   * Makes the network and brings the batches and their tables to the device. What is made here is
   * closed before the device, which stays the caller's. Choices are remembered in the folder, as
   * they are for users, so that only its first process measures ways.
   */
  ResidentModel(Device device, Workload workload, Path cache) {
    this.device = device;
    this.workload = workload;
    Network network = workload.network();
    SampleSpec samples = WorkloadDataset.spec(network);
    Graph graph = ModelCatalog.find(network.name()).graph(samples);
    checkParameters(network, graph.parameters());
    TensorSpec tables = StepTable.spec(workload.batches(), workload.batchSize());
    try (ResourceStack made = new ResourceStack()) {
      model =
          made.push(
              Model.create(device, graph, workload.seed(), ChoiceStore.of(cache, device, graph)));
      batches = made.push(new ResidentFeed(device, new WorkloadDataset(workload)));
      DeviceArena arena = made.push(device.arena("steps"));
      bound =
          Map.of(
              Keys.SAMPLES, batches.samples(),
              Keys.LABELS, batches.labels(),
              Keys.TABLES, arena.allocate("tables", tables.bytes()),
              Keys.CURSOR, arena.allocate("cursor", StepTable.cursor().bytes()));
      arena.seal();
      uploadTables(tables);
      made.detach();
      resources.push(model);
      resources.push(batches);
      resources.push(arena);
    }
    Normalization unchanged = Normalization.identity(samples.channels());
    feed =
        new Feed(
            batches.source(), unchanged.scale(), unchanged.mean(), unchanged.deviation(), tables);
  }

  Model model() {
    return model;
  }

  /** Returns what plans are lowered for. */
  Feed feed() {
    return feed;
  }

  /** Returns samples, labels, tables and cursor by key. */
  Map<String, DeviceBuffer> bound() {
    return bound;
  }

  /** Gives the parameters the workload's values; they must be settled. */
  void writeInitialValues() {
    ByteBuffer chunk =
        ByteBuffer.allocateDirect(CHUNK * Float.BYTES).order(ByteOrder.nativeOrder());
    List<Parameter> parameters = model.graph().parameters();
    for (int i = 0; i < parameters.size(); i++) {
      InitialValues values = workload.initialValues(i);
      long elements = parameters.get(i).value().spec().elements();
      TensorName name = new TensorName(parameters.get(i).name(), TensorName.PARAMETER);
      try (TensorTransfer transfer = model.transfer(name)) {
        for (long first = 0; first < elements; first += CHUNK) {
          chunk.clear();
          for (long element = first; element < Math.min(first + CHUNK, elements); element++) {
            chunk.putFloat(values.at(element));
          }
          transfer.write(first, chunk.flip());
        }
        transfer.finish();
      }
    }
  }

  private static void checkParameters(Network network, List<Parameter> own) {
    List<String> declared =
        network.parameters().stream().map(p -> p.name() + " " + p.shape()).toList();
    List<String> found = own.stream().map(p -> p.name() + " " + p.value().spec().shape()).toList();
    if (!declared.equals(found)) {
      throw new IllegalStateException(
          network.name() + " has the parameters " + found + " in lamina, declared are " + declared);
    }
  }

  /** Slot i holds the rows of batch i, and the learning rate, which does not change. */
  private void uploadTables(TensorSpec spec) {
    try (PinnedBuffer host = device.pinned("step tables", spec.bytes())) {
      ByteBuffer words = host.bytes();
      int slotWords = StepTable.words(workload.batchSize());
      for (int slot = 0; slot < workload.batches(); slot++) {
        int first = slot * slotWords * Integer.BYTES;
        words.putFloat(
            first + StepTable.LEARNING_RATE * Integer.BYTES, workload.network().learningRate());
        words.putFloat(first + StepTable.GRADIENT_SCALE * Integer.BYTES, 1);
        for (int row = 0; row < workload.batchSize(); row++) {
          words.putInt(
              first + (StepTable.INDICES + row) * Integer.BYTES, slot * workload.batchSize() + row);
        }
      }
      device.compute().upload(words.clear(), bound.get(Keys.TABLES));
      device.compute().sync();
    }
  }

  @Override
  public void close() {
    resources.close();
  }
}
