package dev.lamina.bench.micro;

import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.random.Philox;
import dev.lamina.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a loader does for a batch: samples in random order into a slot of host memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchReadBenchmark {
  private static final int BATCH = 64;
  private static final int SAMPLES = 10_000;

  /** Images as they are stored, {@code channels} by {@code extent} by {@code extent}. */
  @Param({"1x28", "3x32", "3x224"})
  private String image;

  /** How values are stored. */
  @Param({"U8", "F32"})
  private DataType type;

  private Dataset dataset;
  private int[] order;
  private ByteBuffer slot;
  private int next;

  /** Makes the data set, at most 64 MB of it, and an order. */
  @Setup
  public void prepare() {
    String[] parts = image.split("x");
    int extent = Integer.parseInt(parts[1]);
    SampleSpec spec = SampleSpec.of(type, Integer.parseInt(parts[0]), extent, extent, 10);
    int size = Math.min(SAMPLES, (64 << 20) / spec.bytes());
    int values = size * spec.elements();
    dataset =
        type == DataType.U8
            ? InMemoryDataset.ofPixels(
                "pixels",
                spec,
                Normalization.identity(spec.channels()),
                new byte[values],
                new int[size])
            : InMemoryDataset.ofFloats("floats", spec, new float[values], new int[size]);
    order = new Philox(1, 1).permutation(size, 0);
    slot = ByteBuffer.allocateDirect(BATCH * spec.bytes()).order(ByteOrder.nativeOrder());
  }

  /** Fills a slot with one batch. */
  @Benchmark
  public ByteBuffer batch() {
    slot.clear();
    for (int row = 0; row < BATCH; row++) {
      dataset.read(order[next], slot);
      next = (next + 1) % order.length;
    }
    return slot;
  }
}
