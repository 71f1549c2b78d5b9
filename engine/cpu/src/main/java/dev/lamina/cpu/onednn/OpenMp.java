package dev.lamina.cpu.onednn;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.File;
import java.util.List;
import org.bytedeco.javacpp.Loader;

/**
 * The OpenMP runtime that oneDNN is linked with.
 *
 * <p>A thread count belongs to the thread that sets it: it governs the primitives that thread
 * builds and the calls it runs. Threads other than the process's first start with the runtime's
 * default, which is one thread per core, so each worker says how many it wants before it does
 * anything else.
 */
public final class OpenMp {
  private static final class Holder {
    static final OpenMp RUNTIME = new OpenMp();
  }

  /** What each thread was last set to, since asking the runtime costs a foreign call. */
  private static final ThreadLocal<int[]> SET = ThreadLocal.withInitial(() -> new int[1]);

  private final Function setNumThreads;
  private final Function getMaxThreads;

  private OpenMp() {
    OneDnn.load();
    NativeLibrary runtime = runtime();
    setNumThreads = runtime.getFunction("omp_set_num_threads");
    getMaxThreads = runtime.getFunction("omp_get_max_threads");
  }

  /**
   * The JNI library names oneDNN, and oneDNN its OpenMP runtime: where the system looks a symbol up
   * through what a library depends on, the first is enough. Windows does not, and has the runtime
   * under its own name.
   */
  private static NativeLibrary runtime() {
    File library = new File(Loader.load(org.bytedeco.dnnl.global.dnnl.class));
    List<String> candidates = List.of(library.getAbsolutePath(), "vcomp140", "libiomp5md");
    for (String candidate : candidates) {
      try {
        NativeLibrary found = NativeLibrary.getInstance(candidate);
        found.getFunction("omp_set_num_threads");
        return found;
      } catch (UnsatisfiedLinkError other) {
        continue;
      }
    }
    throw new UnsatisfiedLinkError(
        "oneDNN's OpenMP runtime was not found through any of " + candidates);
  }

  /** Sets how many threads oneDNN uses for what the calling thread builds and runs from now on. */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("OpenMP thread count " + threads);
    }
    int[] set = SET.get();
    if (set[0] != threads) {
      Holder.RUNTIME.setNumThreads.invokeVoid(new Object[] {threads});
      set[0] = threads;
    }
  }

  /** What compilers call for a parallel region. */
  private static final class Region {
    static {
      Native.register(Region.class, runtime());
    }

    static native void GOMP_parallel(long code, long argument, int threads, int flags);
  }

  /**
   * Runs a C function of one pointer on several threads of the runtime at once, the caller among
   * them, and returns when all are done. They are the threads that oneDNN's primitives use.
   */
  public static void run(long code, long argument, int threads) {
    Region.GOMP_parallel(code, argument, threads, 0);
  }

  /** How many threads oneDNN would use on the calling thread. */
  public static int threads() {
    return Holder.RUNTIME.getMaxThreads.invokeInt(new Object[0]);
  }
}
