package dev.lamina.train;

import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import java.nio.ByteBuffer;

/** A data set whose reading can be held up or broken. */
record HeldDataset(Dataset data, Hold hold) implements Dataset {
  /** What happens before a sample is read. */
  interface Hold {
    void before(int index) throws InterruptedException;
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public SampleSpec spec() {
    return data.spec();
  }

  @Override
  public Normalization normalization() {
    return data.normalization();
  }

  @Override
  public int size() {
    return data.size();
  }

  @Override
  public int label(int index) {
    return data.label(index);
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    try {
      hold.before(index);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
    data.read(index, destination);
  }
}
