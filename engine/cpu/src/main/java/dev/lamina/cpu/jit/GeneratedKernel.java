package dev.lamina.cpu.jit;

import dev.lamina.cpu.onednn.NativeMemory;
import dev.lamina.cpu.onednn.OpenMp;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** A function made for one shape, with the constants it reads. Any number of threads may run it. */
public final class GeneratedKernel implements AutoCloseable {
  /** Bytes of a vector of masks or of repeated positions. */
  private static final int COMPARED = 16;

  private final NativeMemory constants;
  private final NativeCode code;
  private final long scratchBytes;
  private final List<NativeMemory> blocks = new ArrayList<>();

  private GeneratedKernel(NativeMemory constants, byte[] code, long scratchBytes) {
    this.constants = constants;
    this.scratchBytes = scratchBytes;
    try {
      this.code = NativeCode.load(code);
    } catch (RuntimeException | Error failure) {
      constants.close();
      throw failure;
    }
  }

  /**
   * The gradient of weights and bias. Arguments: image, values, positions, gradient of the weights,
   * gradient of the bias, scratch.
   */
  public static GeneratedKernel pooledWeights(PooledConvolution shape) {
    long[] offsets = PooledWeights.offsets(shape);
    int tableBytes = offsets.length * Long.BYTES;
    NativeMemory constants = NativeMemory.allocate(tableBytes + 3L * Routine.VECTOR_BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    for (long offset : offsets) {
      bytes.putLong(offset);
    }
    putMask(bytes, shape.run());
    putMask(bytes, shape.width() * shape.pitch());
    putMask(bytes, shape.filters());
    long mask = constants.address() + tableBytes;
    byte[] code =
        new PooledWeights(shape, constants.address(), mask, mask + 2 * Routine.VECTOR_BYTES)
            .write();
    return new GeneratedKernel(constants, code, PooledWeights.scratchBytes(shape));
  }

  /**
   * A blocked convolution, to be run by {@link Arguments#share}. Arguments: image, weights, bias
   * (any if there is none), result, what is added to it (anything unless {@code add}), a number for
   * {@code share}.
   */
  public static GeneratedKernel blockedForward(
      BlockedConvolution shape, boolean add, boolean relu) {
    return blocked(shape, false, add, relu);
  }

  /**
   * The gradient of a blocked convolution's image, stride 1, to be run by {@link Arguments#share}.
   * Arguments: gradient of the result, weights in blocks {@code [8 filters][8 channels]}, anything,
   * gradient of the image, anything, a number for {@code share}.
   */
  public static GeneratedKernel blockedData(BlockedConvolution forward) {
    return blocked(forward.reversed(), true, false, false);
  }

  private static GeneratedKernel blocked(
      BlockedConvolution shape, boolean backward, boolean add, boolean relu) {
    long[] items = BlockedForward.items(shape, backward);
    long[] rows = BlockedForward.rows(shape, backward);
    NativeMemory constants =
        NativeMemory.allocate((long) (items.length + rows.length) * Long.BYTES);
    constants.view(0, constants.bytes()).asLongBuffer().put(items).put(rows);
    long rowTable = constants.address() + (long) items.length * Long.BYTES;
    byte[] code =
        new BlockedForward(shape, backward, add, relu, constants.address(), rowTable).write();
    return new GeneratedKernel(constants, code, 0);
  }

  /**
   * The gradient of a blocked convolution's weights, to be run by {@link Arguments#share}.
   * Arguments: image, gradient of the result, gradient of the weights, gradient of the bias (any if
   * there is none), a number for {@code share}.
   */
  public static GeneratedKernel blockedWeights(BlockedConvolution shape) {
    long[] items = BlockedWeights.items(shape);
    long[] bands = BlockedWeights.bands(shape);
    NativeMemory constants =
        NativeMemory.allocate((long) (items.length + bands.length) * Long.BYTES);
    constants.view(0, constants.bytes()).asLongBuffer().put(items).put(bands);
    long bandTable = constants.address() + (long) items.length * Long.BYTES;
    byte[] code = new BlockedWeights(shape, constants.address(), bandTable).write();
    return new GeneratedKernel(constants, code, 0);
  }

  /**
   * The gradient of the image. Arguments: values, positions, weights, gradient of the image,
   * scratch.
   */
  public static GeneratedKernel pooledData(PooledConvolution shape) {
    int tableBytes = shape.windowArea() * COMPARED;
    NativeMemory constants = NativeMemory.allocate(tableBytes + 2L * Routine.VECTOR_BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    for (int k = 0; k < shape.windowArea(); k++) {
      for (int i = 0; i < COMPARED; i++) {
        bytes.put((byte) k);
      }
    }
    putMask(bytes, shape.run());
    putMask(bytes, shape.width() * shape.pitch());
    byte[] code =
        new PooledData(shape, constants.address(), constants.address() + tableBytes).write();
    return new GeneratedKernel(constants, code, PooledData.scratchBytes(shape));
  }

  /**
   * The forward pass. Arguments: image, weights, bias (any if there is none), result, scratch,
   * positions of the winners (any if there is no pooling).
   */
  public static GeneratedKernel forward(DirectConvolution shape) {
    int area = shape.windowHeight() * shape.windowWidth();
    NativeMemory constants = NativeMemory.allocate((2L + area) * Routine.VECTOR_BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    putMask(bytes, shape.filters());
    putMask(bytes, shape.width() * shape.pitch());
    for (int k = 0; k < area; k++) {
      for (int lane = 0; lane < Routine.LANES; lane++) {
        bytes.putInt(k);
      }
    }
    byte[] code = new DirectForward(shape, constants.address()).write();
    return new GeneratedKernel(constants, code, DirectForward.scratchBytes(shape));
  }

  /**
   * Gathers rows of bytes and makes them floats, {@code value * factor[channel] + shift[channel]}.
   * Arguments: samples, indices of the rows wanted (32 bits each), result.
   *
   * @param plane bytes of a channel, at least eight
   */
  public static GeneratedKernel gather(int rows, int plane, float[] factor, float[] shift) {
    NativeMemory constants = NativeMemory.allocate(2L * factor.length * Float.BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    for (int c = 0; c < factor.length; c++) {
      bytes.putFloat(factor[c]).putFloat(shift[c]);
    }
    byte[] code = new SampleGather(rows, factor.length, plane, constants.address()).write();
    return new GeneratedKernel(constants, code, 0);
  }

  /** The most gradients that updates sum. */
  public static int mostGradients() {
    return FlatUpdate.mostGradients();
  }

  /**
   * Stochastic gradient descent with momentum over a flat run. Arguments: parameters, velocities,
   * two floats (rate, factor on the gradients), then the gradients, which are summed.
   */
  public static GeneratedKernel momentumDescent(
      int length, int gradients, float momentum, boolean nesterov, float decay) {
    NativeMemory constants = updateConstants(length, momentum, decay);
    MomentumDescent update =
        new MomentumDescent(length, gradients, decay != 0, nesterov, constants.address());
    return new GeneratedKernel(constants, update.write(), 0);
  }

  /**
   * Adam over a flat run. Arguments: parameters, means, squares, four floats (step, factor on the
   * gradients, factor on the square root, factor on the parameters before the step), then the
   * gradients, which are summed.
   *
   * @param decay times the parameters is added to the gradients
   */
  public static GeneratedKernel adaptiveDescent(
      int length, int gradients, float beta1, float beta2, float epsilon, float decay) {
    NativeMemory constants =
        updateConstants(length, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay);
    AdaptiveDescent update = new AdaptiveDescent(length, gradients, constants.address());
    return new GeneratedKernel(constants, update.write(), 0);
  }

  private static NativeMemory updateConstants(int length, float... values) {
    NativeMemory constants =
        NativeMemory.allocate(Routine.VECTOR_BYTES + (long) values.length * Float.BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    putMask(bytes, length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return constants;
  }

  /** Selects the lanes of the last vector of so many floats. */
  private static void putMask(ByteBuffer bytes, int floats) {
    for (int lane = 0; lane < Routine.LANES; lane++) {
      bytes.putInt(lane < floats % Routine.LANES ? -1 : 0);
    }
  }

  /** Bytes that a run needs beside its operands; runs at one time need their own. */
  public long scratchBytes() {
    return scratchBytes;
  }

  /**
   * Binds to addresses, which must stay valid; they and the scratch start on cache lines.
   *
   * @param addresses as the factory lists them
   */
  public Runnable bind(long... addresses) {
    return arguments(addresses)::run;
  }

  /** Arguments of a run whose addresses change from run to run, by {@link Arguments#set}. */
  public Arguments arguments(long... addresses) {
    NativeMemory block = allocate((long) addresses.length * Long.BYTES);
    block.view(0, block.bytes()).asLongBuffer().put(addresses);
    return new Arguments(block);
  }

  /** Floats that a run reads beside its operands; they live as long as this kernel. */
  public Scalars scalars(int count) {
    return new Scalars(allocate((long) count * Float.BYTES));
  }

  private NativeMemory allocate(long bytes) {
    NativeMemory block = NativeMemory.allocate(bytes);
    blocks.add(block);
    return block;
  }

  /** One run's addresses. */
  public final class Arguments {
    private final long address;
    private final LongBuffer values;

    private Arguments(NativeMemory block) {
      address = block.address();
      values = block.view(0, block.bytes()).asLongBuffer();
    }

    /** Changes an address. */
    public void set(int index, long value) {
      values.put(index, value);
    }

    /** Runs the code on the calling thread. */
    public void run() {
      code.run(address);
    }

    /**
     * Runs code that takes its work piece by piece on several threads; they count what is taken in
     * the last argument.
     */
    public void share(int threads) {
      values.put(values.capacity() - 1, 0);
      if (threads == 1) {
        run();
      } else {
        OpenMp.run(code.address(), address, threads);
      }
    }
  }

  /** Floats in native memory. */
  public static final class Scalars {
    private final long address;
    private final FloatBuffer values;

    private Scalars(NativeMemory block) {
      address = block.address();
      values = block.view(0, block.bytes()).asFloatBuffer();
    }

    /** Where they are. */
    public long address() {
      return address;
    }

    /** Changes one. */
    public void set(int index, float value) {
      values.put(index, value);
    }
  }

  /** Frees code and constants; bound runs must not be used afterwards. */
  @Override
  public void close() {
    code.close();
    constants.close();
    blocks.forEach(NativeMemory::close);
  }
}
