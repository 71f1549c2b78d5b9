package dev.lamina.kernels;

/** A text to compile; equal programs are compiled once. */
public interface Program {
  /** The languages that a program can be compiled as. */
  enum Dialect {
    /** OpenCL C 1.2. */
    OPENCL("prelude.opencl.h"),
    /** CUDA C, as NVRTC takes it. */
    CUDA("prelude.cuda.h");

    private final String prelude;

    Dialect(String prelude) {
      this.prelude = prelude;
    }

    String prelude() {
      return prelude;
    }
  }

  /** Returns the whole text; compilers' messages name the files and their lines. */
  String text(Dialect dialect);
}
