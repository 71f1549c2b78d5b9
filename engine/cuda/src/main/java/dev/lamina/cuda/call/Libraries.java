package dev.lamina.cuda.call;

/**
 * The libraries as one GPU's device calls them.
 *
 * @param driver memory, streams, kernels, graphs
 * @param compiler of kernels
 * @param blas matrix products
 * @param dnn convolutions
 */
public record Libraries(Driver driver, Compiler compiler, Blas blas, Dnn dnn)
    implements AutoCloseable {
  /**
   * Opens the GPU of that number through JCuda, whose libraries must be loaded.
   *
   * @throws CallException if the driver or a library refuses
   */
  public static Libraries open(int index) {
    Driver driver = openDriver(index);
    try {
      Blas blas = openBlas();
      try {
        return new Libraries(driver, openCompiler(), blas, openDnn());
      } catch (CallException failure) {
        blas.close();
        throw failure;
      }
    } catch (CallException failure) {
      driver.close();
      throw failure;
    }
  }

  /** Opens the driver alone, on the GPU of that number. */
  public static Driver openDriver(int index) {
    return new JCudaDriverCalls(index);
  }

  /** Returns the compiler, which needs no GPU. */
  public static Compiler openCompiler() {
    return new JNvrtcCalls();
  }

  /** Opens cuBLAS in the calling thread's context. */
  public static Blas openBlas() {
    return new JCublasCalls();
  }

  /** Opens cuDNN in the calling thread's context. */
  public static Dnn openDnn() {
    return new JCudnnCalls();
  }

  @Override
  public void close() {
    dnn.close();
    blas.close();
    driver.close();
  }
}
