package dev.lamina.bench.peers.lamina;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.Workload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class WorkloadDatasetTest {
  @Test
  void holdsTheBatchesOneAfterTheOther() {
    Workload workload = new Workload(Network.named("lenet5"), 3, 4, 7);
    WorkloadDataset dataset = new WorkloadDataset(workload);
    assertEquals(12, dataset.size());
    FloatBuffer images = FloatBuffer.allocate(workload.imageFloats());
    workload.writeImages(2, images);
    ByteBuffer read =
        ByteBuffer.allocate(2 * dataset.spec().bytes()).order(ByteOrder.nativeOrder());
    dataset.read(0, read);
    dataset.read(7, read);
    assertEquals(0, read.remaining());
    FloatBuffer second = read.flip().asFloatBuffer().slice(784, 784);
    assertEquals(images.slice(784, 784), second);
    assertEquals(workload.labels(2)[1], dataset.label(7));
  }
}
