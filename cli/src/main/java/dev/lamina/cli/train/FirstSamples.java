package dev.lamina.cli.train;

import dev.lamina.data.Dataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import java.nio.ByteBuffer;

/** The first samples of a data set. */
record FirstSamples(Dataset all, int size) implements Dataset {
  @Override
  public String name() {
    return all.name();
  }

  @Override
  public SampleSpec spec() {
    return all.spec();
  }

  @Override
  public Normalization normalization() {
    return all.normalization();
  }

  @Override
  public int label(int index) {
    return all.label(index);
  }

  @Override
  public void read(int index, ByteBuffer destination) {
    all.read(index, destination);
  }
}
