/**
 * What the device calls of NVIDIA's libraries, and nothing else of them: the driver, NVRTC, cuBLAS
 * and cuDNN's convolutions, each behind one interface.
 *
 * <p>{@link dev.lamina.cuda.call.Libraries#open} gives the implementation over JCuda; tests stand a
 * checking recorder in its place, which knows sizes and lifetimes and computes nothing. Addresses
 * are device addresses as the driver gives them. Every method throws {@link
 * dev.lamina.cuda.call.CallException} if the library answers with an error.
 */
package dev.lamina.cuda.call;
