package dev.lamina.cuda.call;

import dev.lamina.device.Precision;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * cuBLAS through JCuda. Its matrices are column-major, which makes of a row-major matrix its
 * transpose: it is asked for {@code transpose(b) * transpose(a)}, which is the transpose of c.
 */
final class JCublasCalls implements Blas {
  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});

  private final cublasHandle handle = new cublasHandle();

  JCublasCalls() {
    check("cublasCreate", JCublas2.cublasCreate(handle));
  }

  private static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CallException(call, cublasStatus.stringFor(status));
    }
  }

  /** Setting the stream forgets the workspace, so that one follows. */
  @Override
  public void use(Handle stream, long workspace, long workspaceBytes) {
    check(
        "cublasSetStream",
        JCublas2.cublasSetStream(handle, new cudaStream_t(stream.as(CUstream.class))));
    check(
        "cublasSetWorkspace",
        JCublas2.cublasSetWorkspace(handle, new Address(workspace), workspaceBytes));
  }

  @Override
  public void multiply(Gemm gemm, long a, long b, long c) {
    int type =
        gemm.precision() == Precision.BF16 ? cudaDataType.CUDA_R_16BF : cudaDataType.CUDA_R_32F;
    check(
        "cublasGemmEx of " + gemm,
        JCublas2.cublasGemmEx_new(
            handle,
            operation(gemm.transposeB()),
            operation(gemm.transposeA()),
            gemm.columns(),
            gemm.rows(),
            gemm.inner(),
            ONE,
            new Address(b),
            type,
            gemm.transposeB() ? gemm.inner() : gemm.columns(),
            new Address(a),
            type,
            gemm.transposeA() ? gemm.rows() : gemm.inner(),
            ZERO,
            new Address(c),
            cudaDataType.CUDA_R_32F,
            gemm.columns(),
            gemm.precision() == Precision.TF32
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  @Override
  public void close() {
    check("cublasDestroy", JCublas2.cublasDestroy(handle));
  }
}
