package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_stream_default_flags;
import static org.bytedeco.dnnl.global.dnnl.dnnl_version;

import java.util.Map;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.javacpp.Loader;

/**
 * The process's oneDNN library: natives loaded once, one CPU engine, one stream.
 *
 * <p>The natives come from the class path and are unpacked by JavaCPP into its cache directory
 * under a file lock that all processes of the user share, so any number of JVMs may start at once.
 * The engine and the stream live as long as the process; calls of different threads may share the
 * stream, which on a CPU holds no state.
 */
public final class OneDnn {
  /** Instruction sets by oneDNN's code; what is missing here is printed as its number. */
  private static final Map<Integer, String> ISA =
      Map.of(
          0x1, "sse4.1",
          0x3, "avx",
          0x7, "avx2",
          0xf, "avx2_vnni",
          0x1f, "avx2_vnni_2",
          0x27, "avx512_core",
          0x67, "avx512_core_vnni",
          0xe7, "avx512_core_bf16",
          0x1ef, "avx512_core_fp16",
          0xfef, "avx512_core_amx");

  private final dnnl_engine engine;
  private final dnnl_stream stream;
  private final String version;
  private final String isa;

  private OneDnn() {
    Loader.load(org.bytedeco.dnnl.global.dnnl.class);
    engine = new dnnl_engine();
    Status.check(dnnl_engine_create(engine, dnnl_cpu, 0), "dnnl_engine_create", "cpu", 0);
    stream = new dnnl_stream();
    Status.check(
        dnnl_stream_create(stream, engine, dnnl_stream_default_flags), "dnnl_stream_create");
    dnnl_version_t v = dnnl_version();
    version = v.major() + "." + v.minor() + "." + v.patch();
    int code = dnnl_get_effective_cpu_isa();
    isa = ISA.getOrDefault(code, "isa 0x" + Integer.toHexString(code));
    LoaderPages.giveBack("/libdnnl.so.3");
  }

  private static final class Holder {
    static final OneDnn LIBRARY = new OneDnn();
  }

  /**
   * Loads the library, once per process.
   *
   * @throws UnsatisfiedLinkError if the class path holds no natives for this platform
   */
  public static OneDnn load() {
    return Holder.LIBRARY;
  }

  /** The library's version, such as {@code 3.11.0}. */
  public String version() {
    return version;
  }

  /** The instruction set oneDNN generates code for on this machine, such as {@code avx2}. */
  public String isa() {
    return isa;
  }

  dnnl_engine engine() {
    return engine;
  }

  dnnl_stream stream() {
    return stream;
  }
}
