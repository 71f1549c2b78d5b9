package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.ConvolutionShape;
import dev.lamina.cuda.call.Dnn;
import dev.lamina.cuda.call.Handle;
import dev.lamina.op.Window;
import java.util.ArrayList;
import java.util.List;

/** cuDNN of a {@link DryRun}; its algorithms are of all sorts that the device must tell apart. */
final class DryRunDnn implements Dnn {
  private final DryRun run;
  private final Handle handle;
  private Handle stream;

  DryRunDnn(DryRun run) {
    this.run = run;
    handle = run.made("cuDNN handle", "cuDNN handle");
  }

  @Override
  public void use(Handle stream) {
    run.alive("stream", stream);
    this.stream = stream;
  }

  @Override
  public Handle describe(ConvolutionShape shape) {
    run.outsideRecordings("describing a convolution");
    Window window = shape.window();
    boolean fits =
        shape.oh()
                == extent(
                    shape.h(),
                    window.height(),
                    window.strideHeight(),
                    window.padHeight(),
                    window.dilationHeight())
            && shape.ow()
                == extent(
                    shape.w(),
                    window.width(),
                    window.strideWidth(),
                    window.padWidth(),
                    window.dilationWidth())
            && shape.c() % shape.groups() == 0
            && shape.k() % shape.groups() == 0;
    if (!fits) {
      throw run.violation("a convolution that does not fit together: " + shape);
    }
    return run.made("convolution", shape);
  }

  private static int extent(int size, int window, int stride, int pad, int dilation) {
    return (size + 2 * pad - dilation * (window - 1) - 1) / stride + 1;
  }

  @Override
  public void destroy(Handle convolution) {
    run.destroyed("convolution", convolution);
  }

  @Override
  public List<Algorithm> algorithms(Handle convolution, Pass pass) {
    run.outsideRecordings("asking for algorithms");
    run.alive("convolution", convolution);
    List<Algorithm> algorithms = new ArrayList<>();
    // Fast but rounded otherwise, not reproducible, greedy: none of these may be taken.
    algorithms.add(new Algorithm(6, true, 1 << 20));
    algorithms.add(new Algorithm(0, false, 0));
    algorithms.add(new Algorithm(1, true, 12_345));
    algorithms.add(new Algorithm(2, true, 1L << 40));
    return algorithms;
  }

  @Override
  public void run(
      Handle convolution,
      Pass pass,
      Algorithm algorithm,
      long left,
      long right,
      long result,
      long workspace) {
    run.alive("convolution", convolution);
    if (stream == null) {
      throw run.violation("cuDNN has no stream");
    }
    if (algorithm.number() != 1 || !algorithm.deterministic()) {
      throw run.violation("taken was " + algorithm);
    }
    ConvolutionShape shape = convolution.as(ConvolutionShape.class);
    long x = shape.bytesX();
    long weight = shape.bytesWeight();
    long y = shape.bytesY();
    List<Memory> memory =
        switch (pass) {
          case FORWARD -> memory(left, x, right, weight, result, y);
          case BACKWARD_DATA -> memory(left, weight, right, y, result, x);
          case BACKWARD_WEIGHTS -> memory(left, x, right, y, result, weight);
        };
    Memory scratch = new Memory(workspace, algorithm.workspaceBytes());
    for (int operand = 0; operand < 2; operand++) {
      if (DryRun.overlap(memory.get(operand), memory.get(2))
          || DryRun.overlap(memory.get(operand), scratch)
          || DryRun.overlap(memory.get(2), scratch)) {
        throw run.violation(pass + " of " + shape + " writes over its operands");
      }
    }
    List<Memory> all = new ArrayList<>(memory);
    all.add(scratch);
    run.work(stream, pass + " of " + shape, all);
  }

  private static List<Memory> memory(
      long left, long leftBytes, long right, long rightBytes, long result, long resultBytes) {
    return List.of(
        new Memory(left, leftBytes),
        new Memory(right, rightBytes),
        new Memory(result, resultBytes));
  }

  @Override
  public void close() {
    run.destroyed("cuDNN handle", handle);
  }
}
