package dev.lamina.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** Runs one primitive on plain row-major arrays, whatever layouts it wants. */
final class Harness {
  private static final Map<Integer, String> PLAIN =
      Map.of(1, "a", 2, "ab", 3, "abc", 4, "abcd", 5, "abcde");

  private Harness() {}

  static MemoryDesc plain(long... dims) {
    return MemoryDesc.of(PLAIN.get(dims.length), dims);
  }

  /** Values that products and sums of a few thousand terms represent without much rounding. */
  static float[] random(long seed, long... dims) {
    long count = 1;
    for (long d : dims) {
      count *= d;
    }
    Random random = new Random(seed);
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  /**
   * Builds and runs {@code desc} on row-major inputs and gives the row-major outputs {@code
   * wanted}.
   */
  static Map<Arg, float[]> run(PrimitiveDesc desc, Map<Arg, float[]> inputs, Arg... wanted) {
    Map<Arg, NativeMemory> given = new EnumMap<>(Arg.class);
    inputs.forEach((arg, values) -> given.put(arg, stored(values, desc.desc(arg))));
    try (Primitive primitive = desc.build()) {
      Map<Arg, NativeMemory> memory = run(primitive, given);
      Map<Arg, float[]> outputs = new EnumMap<>(Arg.class);
      for (Arg arg : wanted) {
        outputs.put(arg, values(memory.get(arg), primitive.descs().get(arg)));
      }
      memory.values().forEach(NativeMemory::close);
      return outputs;
    }
  }

  /** Runs on stored memory; what is not given is allocated. The caller closes all of it. */
  static Map<Arg, NativeMemory> run(Primitive primitive, Map<Arg, NativeMemory> given) {
    Map<Arg, NativeMemory> memory = new EnumMap<>(given);
    Map<Arg, Long> addresses = new EnumMap<>(Arg.class);
    primitive
        .descs()
        .forEach(
            (arg, desc) -> {
              memory.computeIfAbsent(arg, a -> filled(desc.bytes(), Float.NaN));
              addresses.put(arg, memory.get(arg).address());
            });
    try (Call call = primitive.bind(addresses)) {
      call.run();
    }
    return memory;
  }

  /** Row-major values brought into {@code desc}'s layout; the caller closes the result. */
  static NativeMemory stored(float[] values, MemoryDesc desc) {
    NativeMemory plain = NativeMemory.allocate(Math.max(1, values.length) * (long) Float.BYTES);
    floats(plain).put(values);
    NativeMemory result = filled(desc.bytes(), Float.NaN);
    reorder(plain(desc.dims()), plain, desc, result);
    plain.close();
    return result;
  }

  /** The row-major values of what is stored in {@code desc}'s layout. */
  static float[] values(NativeMemory memory, MemoryDesc desc) {
    MemoryDesc plain = plain(desc.dims());
    try (NativeMemory copy = filled(plain.bytes(), Float.NaN)) {
      reorder(desc, memory, plain, copy);
      float[] values = new float[(int) (plain.bytes() / Float.BYTES)];
      floats(copy).get(values);
      return values;
    }
  }

  static FloatBuffer floats(NativeMemory memory) {
    return memory.view(0, memory.bytes()).asFloatBuffer();
  }

  private static NativeMemory filled(long bytes, float value) {
    NativeMemory memory = NativeMemory.allocate(Math.max(bytes, Float.BYTES));
    FloatBuffer floats = floats(memory);
    while (floats.hasRemaining()) {
      floats.put(value);
    }
    return memory;
  }

  private static void reorder(MemoryDesc from, NativeMemory src, MemoryDesc to, NativeMemory dst) {
    try (PrimitiveDesc desc = Reorder.of(from, to);
        // Not build(): for rare layouts oneDNN has only its reference reorder, good enough here.
        Primitive primitive = new Primitive(desc)) {
      Map<Arg, NativeMemory> all = run(primitive, Map.of(Arg.SRC, src, Arg.DST, dst));
      if (all.containsKey(Arg.SCRATCHPAD)) {
        all.get(Arg.SCRATCHPAD).close();
      }
    }
  }

  /** Single-precision sums of up to a few thousand terms against double-precision ones. */
  static void assertClose(double[] expected, float[] actual, String what) {
    assertEquals(expected.length, actual.length, what);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
      norm += expected[i] * expected[i];
    }
    double ratio = error / Math.max(norm, Double.MIN_NORMAL);
    assertTrue(ratio < 1e-12, () -> what + ": normalised squared error " + ratio);
  }
}
