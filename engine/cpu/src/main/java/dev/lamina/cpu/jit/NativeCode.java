package dev.lamina.cpu.jit;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.lamina.cpu.onednn.OneDnn;
import java.util.Locale;

/**
 * Machine code in executable memory.
 *
 * <p>The code follows the System V convention: it gets one pointer, in rdi, keeps rbx, rbp and r12
 * to r15, and returns zero.
 */
public final class NativeCode implements AutoCloseable {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final long MAP_FAILED = -1;

  /** Calls that stand in for a foreign-function interface, which Java has only from 22 on. */
  private static final class C {
    static {
      Native.register(C.class, NativeLibrary.getProcess());
    }

    /**
     * The C library's binary search, the shortest way to call an address: on one element it calls
     * {@code compare} exactly once, with {@code key} and {@code base}.
     */
    static native long bsearch(long key, long base, long count, long size, long compare);
  }

  private static final class Support {
    static final String MISSING = missing();
  }

  private final Pointer memory;
  private final long bytes;
  private boolean closed;

  private NativeCode(Pointer memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  /** What keeps generated code from running here, or an empty text if nothing does. */
  public static String unsupported() {
    return Support.MISSING;
  }

  private static String missing() {
    String system = System.getProperty("os.name");
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (!system.equals("Linux") || !architecture.equals("amd64")) {
      return "generated code is for Linux on x86-64, not " + system + " on " + architecture;
    }
    if (!OneDnn.load().isa().startsWith("avx2") && !OneDnn.load().isa().startsWith("avx512")) {
      return "generated code needs AVX2, the processor has " + OneDnn.load().isa();
    }
    Assembler empty = new Assembler();
    empty.ret();
    try (NativeCode code = load(empty.code())) {
      code.run(0);
      return "";
    } catch (UnsupportedOperationException refused) {
      return refused.getMessage();
    }
  }

  /**
   * Puts code into memory of its own, which is never writable and executable at once.
   *
   * @throws UnsupportedOperationException if the system refuses executable memory
   */
  static NativeCode load(byte[] code) {
    NativeLibrary c = NativeLibrary.getProcess();
    long bytes = code.length;
    Function map = c.getFunction("mmap");
    Pointer memory =
        map.invokePointer(
            new Object[] {
              Pointer.NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L
            });
    if (Pointer.nativeValue(memory) == MAP_FAILED) {
      throw new OutOfMemoryError("the system refused " + bytes + " bytes for code");
    }
    memory.write(0, code, 0, code.length);
    int refused =
        c.getFunction("mprotect").invokeInt(new Object[] {memory, bytes, PROT_READ | PROT_EXEC});
    if (refused != 0) {
      c.getFunction("munmap").invokeInt(new Object[] {memory, bytes});
      throw new UnsupportedOperationException("the system refuses executable memory");
    }
    return new NativeCode(memory, bytes);
  }

  long address() {
    return Pointer.nativeValue(memory);
  }

  /** Runs the code on the calling thread. */
  void run(long argument) {
    call(address(), argument);
  }

  static void call(long code, long argument) {
    C.bsearch(argument, argument, 1, 1, code);
  }

  /** Unmaps the code; idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      NativeLibrary.getProcess().getFunction("munmap").invokeInt(new Object[] {memory, bytes});
    }
  }
}
