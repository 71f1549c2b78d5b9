package dev.lamina.cuda.call;

/** NVRTC. */
public interface Compiler {
  /**
   * Compiles CUDA C to PTX.
   *
   * @param name of the program, for messages
   * @param options as the compiler takes them
   * @throws dev.lamina.device.KernelBuildException if it does not compile
   */
  String compile(String name, String source, String... options);
}
