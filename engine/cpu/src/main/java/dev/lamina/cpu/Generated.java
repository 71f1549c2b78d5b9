package dev.lamina.cpu;

import dev.lamina.cpu.jit.GeneratedKernel;
import dev.lamina.cpu.jit.NativeCode;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What ways in generated code share. */
final class Generated {
  /** Grows whenever generated code changes, since choices measured before no longer hold. */
  private static final int VERSION = 5;

  private Generated() {}

  static boolean available() {
    return NativeCode.unsupported().isEmpty();
  }

  /** What generated code there is, as shown to users and kept with choices. */
  static String version() {
    return available() ? "avx2 v" + VERSION : "none";
  }

  static CpuWay way(
      OpCall call,
      String name,
      List<Layout> inputs,
      List<Layout> outputs,
      Supplier<Kernel> kernel) {
    String tags =
        Stream.of(inputs, outputs)
            .map(list -> list.stream().map(Layout::tag).collect(Collectors.joining(" ")))
            .collect(Collectors.joining(" -> "));
    return new CpuWay(call, new Way(name + " " + tags, inputs, outputs), kernel);
  }

  /** The layout that oneDNN calls by a tag. */
  static Layout layout(String tag, TensorSpec spec) {
    long[] dims = spec.shape().dims();
    return Forms.layout(spec, dims, MemoryDesc.of(tag, dims)).orElseThrow();
  }

  static Layout canonical(TensorSpec spec) {
    return new Layout(Layout.CANONICAL, spec.bytes());
  }

  /** Binds generated code to buffers. */
  @FunctionalInterface
  interface Binding {
    /**
     * Binds.
     *
     * @param scratch address of scratch memory, 0 if the code needs none
     */
    Runnable bind(GeneratedKernel kernel, List<CpuBuffer> in, List<CpuBuffer> out, long scratch);
  }

  static Kernel kernel(GeneratedKernel code, Binding binding) {
    return new Kernel() {
      @Override
      public long workspaceBytes() {
        return code.scratchBytes();
      }

      @Override
      public Runnable bind(List<CpuBuffer> in, List<CpuBuffer> out, CpuBuffer workspace) {
        return binding.bind(code, in, out, workspace == null ? 0 : workspace.address());
      }

      @Override
      public void close() {
        code.close();
      }
    };
  }
}
