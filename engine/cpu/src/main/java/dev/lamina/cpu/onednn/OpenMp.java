package dev.lamina.cpu.onednn;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import java.io.File;
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
    File library = new File(Loader.load(org.bytedeco.dnnl.global.dnnl.class));
    // The JNI library names oneDNN, oneDNN names its OpenMP runtime: a symbol is found through
    // both.
    NativeLibrary handle = NativeLibrary.getInstance(library.getAbsolutePath());
    setNumThreads = handle.getFunction("omp_set_num_threads");
    getMaxThreads = handle.getFunction("omp_get_max_threads");
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

  /** How many threads oneDNN would use on the calling thread. */
  public static int threads() {
    return Holder.RUNTIME.getMaxThreads.invokeInt(new Object[0]);
  }
}
