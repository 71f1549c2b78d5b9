/**
 * NVIDIA GPUs: the contract of {@code dev.lamina.device} over CUDA's driver, cuDNN and cuBLAS.
 *
 * <p>The service loader finds {@link dev.lamina.cuda.CudaDeviceProvider}. No exception of the
 * binding leaves this package.
 */
package dev.lamina.cuda;
