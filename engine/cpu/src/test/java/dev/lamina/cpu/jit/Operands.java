package dev.lamina.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.cpu.onednn.NativeMemory;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Native memory for tests of generated code, with guards behind every operand. */
final class Operands implements AutoCloseable {
  private static final int GUARD_BYTES = 64;
  private static final byte GUARD = 0x5A;

  private final List<NativeMemory> open = new ArrayList<>();

  static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  long operand(float[] values) {
    NativeMemory memory = guarded((long) values.length * Float.BYTES);
    memory.view(0, (long) values.length * Float.BYTES).asFloatBuffer().put(values);
    return memory.address();
  }

  long operand(byte[] values) {
    NativeMemory memory = guarded(values.length);
    memory.view(0, values.length).put(values);
    return memory.address();
  }

  /** Memory full of what is not a number. */
  NativeMemory result(int floats) {
    NativeMemory memory = guarded((long) floats * Float.BYTES);
    FloatBuffer values = memory.view(0, (long) floats * Float.BYTES).asFloatBuffer();
    while (values.hasRemaining()) {
      values.put(Float.NaN);
    }
    return memory;
  }

  NativeMemory guarded(long bytes) {
    NativeMemory memory = NativeMemory.allocate(bytes + GUARD_BYTES);
    ByteBuffer guard = memory.view(bytes, GUARD_BYTES);
    while (guard.hasRemaining()) {
      guard.put(GUARD);
    }
    open.add(memory);
    return memory;
  }

  void assertGuards() {
    for (NativeMemory memory : open) {
      ByteBuffer guard = memory.view(memory.bytes() - GUARD_BYTES, GUARD_BYTES);
      while (guard.hasRemaining()) {
        assertEquals(GUARD, guard.get(), "a byte behind an operand was written");
      }
    }
  }

  static void assertClose(double[] expected, NativeMemory actual, String what) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double value = actual.view((long) i * Float.BYTES, Float.BYTES).getFloat();
      error += (value - expected[i]) * (value - expected[i]);
      norm += expected[i] * expected[i];
    }
    double ratio = error / norm;
    assertTrue(ratio < 1e-11, () -> what + ": normalised squared error " + ratio);
  }

  @Override
  public void close() {
    open.forEach(NativeMemory::close);
  }
}
