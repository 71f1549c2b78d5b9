package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.kernels.Form;
import dev.lamina.kernels.KernelSource;
import dev.lamina.kernels.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What cuDNN and cuBLAS leave to be done of a layer: bias, activation, the bias's gradient. The
 * layer's result or its gradient is {@code [samples, channels, plane]} or, where channels run
 * fastest, {@code [samples, plane, channels]}.
 */
final class Epilogue {
  private static final String FILE = "epilogue.cu";

  /** Threads of a group; the file says so too. */
  private static final int GROUP = 256;

  /** Channels of a group that sums over rows; the file says so too. */
  private static final int TILE = 32;

  /** Rows that are worth a group of their own. */
  private static final int LEAST_ROWS = 128;

  /** More groups than any GPU runs at once; their threads take further elements in turn. */
  private static final long MOST_GROUPS = 2048;

  private final Driver driver;
  private final Handle stream;
  private final Form form;
  private final Handle activation;
  private final Handle biasBackward;
  private final Handle addSlices;
  private final int samples;
  private final int channels;
  private final int plane;

  /** Runs of rows, each summed by itself, where channels run fastest. */
  private final int slices;

  Epilogue(CudaDevice device, int samples, int channels, int plane, Form form) {
    driver = device.libraries().driver();
    stream = device.compute().handle();
    this.form = form;
    String source = source(form);
    Programs programs = device.programs();
    activation = programs.function(FILE, source, "bias_activation");
    biasBackward =
        programs.function(FILE, source, form.last() ? "bias_backward_last" : "bias_backward");
    addSlices = programs.function(FILE, source, "add_slices");
    this.samples = form.last() ? Math.multiplyExact(samples, plane) : samples;
    this.channels = channels;
    this.plane = form.last() ? 1 : plane;
    int wanted = Math.max(1, 4 * device.info().computeUnits() / tiles());
    slices = Math.min(wanted, (this.samples - 1) / LEAST_ROWS + 1);
  }

  private int tiles() {
    return (channels + TILE - 1) / TILE;
  }

  /** Returns the scratch bytes of {@link #backward}; 0 for none. */
  long scratchBytes() {
    return form.last() ? 4L * slices * channels : 0;
  }

  /** Adds the bias, unless it is null, and applies the activation where asked for. */
  void forward(Argument.Memory y, Argument.Memory bias, boolean relu) {
    int count = Math.multiplyExact(Math.multiplyExact(samples, channels), plane);
    driver.launch(
        stream,
        activation,
        groups(count),
        GROUP,
        List.of(
            y,
            bias == null ? y : bias,
            new Argument.Int(count),
            new Argument.Int(channels),
            new Argument.Int(plane),
            new Argument.Int(bias == null ? 0 : 1),
            new Argument.Int(relu ? 1 : 0)));
  }

  private static int groups(int count) {
    return (int) Math.min(MOST_GROUPS, (count + GROUP - 1L) / GROUP);
  }

  /** Sums the gradient over all but the channel. */
  void backward(Argument.Memory dy, Argument.Memory dbias, Argument.Memory scratch) {
    if (form.last()) {
      backwardLast(dy, dbias, scratch);
    } else {
      driver.launch(
          stream,
          biasBackward,
          channels,
          GROUP,
          List.of(
              dy,
              dbias,
              new Argument.Int(samples),
              new Argument.Int(channels),
              new Argument.Int(plane)));
    }
  }

  private void backwardLast(Argument.Memory dy, Argument.Memory dbias, Argument.Memory scratch) {
    driver.launch(
        stream,
        biasBackward,
        tiles() * slices,
        GROUP,
        List.of(
            dy,
            scratch,
            new Argument.Int(samples),
            new Argument.Int(channels),
            new Argument.Int(slices)));
    driver.launch(
        stream,
        addSlices,
        groups(channels),
        GROUP,
        List.of(scratch, dbias, new Argument.Int(channels), new Argument.Int(slices)));
  }

  /** Returns the program for results in a form. */
  static String source(Form form) {
    KernelSource stored =
        new KernelSource(List.of("stored.cl"), form.half() ? Map.of("BF16", "1") : Map.of());
    return stored.text(Program.Dialect.CUDA) + "#line 1 \"" + FILE + "\"\n" + text();
  }

  private static String text() {
    try (InputStream stream = Epilogue.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException("the jar of lamina-cuda lacks " + FILE);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException("the jar of lamina-cuda cannot be read: " + FILE, failure);
    }
  }
}
