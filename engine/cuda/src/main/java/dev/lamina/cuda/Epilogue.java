package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What cuDNN and cuBLAS leave to be done of a layer: bias, activation, the bias's gradient. The
 * layer's result or its gradient is {@code [samples, channels, plane]}.
 */
final class Epilogue {
  private static final String FILE = "epilogue.cu";

  /** Threads of a group; the file says so too. */
  private static final int GROUP = 256;

  /** More groups than any GPU runs at once; their threads take further elements in turn. */
  private static final long MOST_GROUPS = 2048;

  private final Driver driver;
  private final Handle stream;
  private final Handle activation;
  private final Handle biasBackward;
  private final int samples;
  private final int channels;
  private final int plane;

  Epilogue(CudaDevice device, int samples, int channels, int plane) {
    driver = device.libraries().driver();
    stream = device.compute().handle();
    String source = source();
    activation = device.programs().function(FILE, source, "bias_activation");
    biasBackward = device.programs().function(FILE, source, "bias_backward");
    this.samples = samples;
    this.channels = channels;
    this.plane = plane;
  }

  /** Adds the bias, unless it is null, and applies the activation where asked for. */
  void forward(Argument.Memory y, Argument.Memory bias, boolean relu) {
    int count = Math.multiplyExact(Math.multiplyExact(samples, channels), plane);
    driver.launch(
        stream,
        activation,
        (int) Math.min(MOST_GROUPS, (count + GROUP - 1L) / GROUP),
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

  /** Sums the gradient over all but the channel. */
  void backward(Argument.Memory dy, Argument.Memory dbias) {
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

  static String source() {
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
