package dev.lamina.bench.peers.lamina;

import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Workload;
import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * All batches of a workload, one after the other, as a data set. Holds one batch at a time, so that
 * a resident copy is the only whole one.
 */
final class WorkloadDataset implements Dataset {
  private final Workload workload;
  private final SampleSpec spec;
  private final FloatBuffer images;
  private int[] labels = {};
  private int held = -1;

  WorkloadDataset(Workload workload) {
    this.workload = workload;
    this.spec = spec(workload.network());
    this.images = FloatBuffer.allocate(workload.imageFloats());
  }

  static SampleSpec spec(Network network) {
    Shape image = network.image();
    return SampleSpec.of(
        DataType.F32, image.size(0), image.size(1), image.size(2), network.classes());
  }

  @Override
  public String name() {
    return "workload";
  }

  @Override
  public SampleSpec spec() {
    return spec;
  }

  @Override
  public Normalization normalization() {
    return Normalization.identity(spec.channels());
  }

  @Override
  public int size() {
    return workload.batches() * workload.batchSize();
  }

  @Override
  public synchronized int label(int index) {
    hold(index / workload.batchSize());
    return labels[index % workload.batchSize()];
  }

  @Override
  public synchronized void read(int index, ByteBuffer destination) {
    hold(index / workload.batchSize());
    int first = index % workload.batchSize() * spec.elements();
    destination
        .slice()
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(images.slice(first, spec.elements()));
    destination.position(destination.position() + spec.bytes());
  }

  private void hold(int batch) {
    if (batch != held) {
      workload.writeImages(batch, images.clear());
      images.clear();
      labels = workload.labels(batch);
      held = batch;
    }
  }
}
