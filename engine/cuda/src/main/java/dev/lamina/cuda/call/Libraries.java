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
    Driver driver = new JCudaDriverCalls(index);
    try {
      Blas blas = new JCublasCalls();
      try {
        return new Libraries(driver, new JNvrtcCalls(), blas, new JCudnnCalls());
      } catch (CallException failure) {
        blas.close();
        throw failure;
      }
    } catch (CallException failure) {
      driver.close();
      throw failure;
    }
  }

  @Override
  public void close() {
    dnn.close();
    blas.close();
    driver.close();
  }
}
