package dev.lamina.cuda.call;

/** cuBLAS, with one handle on one stream. */
public interface Blas extends AutoCloseable {
  /** Lets later products run on that stream, with that scratch memory. */
  void use(Handle stream, long workspace, long workspaceBytes);

  /** Multiplies in the precision that the product names. */
  void multiply(Gemm gemm, long a, long b, long c);

  @Override
  void close();
}
