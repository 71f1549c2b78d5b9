package dev.lamina.cpu.jit;

import dev.lamina.cpu.onednn.NativeMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A function made for one shape, with the constants it reads. Any number of threads may run it. */
public final class GeneratedKernel implements AutoCloseable {
  /** Bytes of a vector of masks or of repeated positions. */
  private static final int COMPARED = 16;

  private final NativeMemory constants;
  private final NativeCode code;
  private final long scratchBytes;
  private final List<NativeMemory> arguments = new ArrayList<>();

  private GeneratedKernel(NativeMemory constants, byte[] code, long scratchBytes) {
    this.constants = constants;
    this.code = NativeCode.load(code);
    this.scratchBytes = scratchBytes;
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

  /** The forward pass. Arguments: image, weights, bias (any if there is none), result, scratch. */
  public static GeneratedKernel forward(DirectConvolution shape) {
    NativeMemory constants = NativeMemory.allocate(2L * Routine.VECTOR_BYTES);
    ByteBuffer bytes = constants.view(0, constants.bytes());
    putMask(bytes, shape.filters());
    putMask(bytes, shape.width() * shape.pitch());
    byte[] code = new DirectForward(shape, constants.address()).write();
    return new GeneratedKernel(constants, code, DirectForward.scratchBytes(shape));
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
    NativeMemory block = NativeMemory.allocate((long) addresses.length * Long.BYTES);
    arguments.add(block);
    block.view(0, block.bytes()).asLongBuffer().put(addresses);
    long argument = block.address();
    return () -> code.run(argument);
  }

  /** Frees code and constants; bound runs must not be used afterwards. */
  @Override
  public void close() {
    code.close();
    constants.close();
    arguments.forEach(NativeMemory::close);
  }
}
