/**
 * Devices of any vendor through OpenCL 1.2: the contract of {@code dev.lamina.device} over JOCL,
 * with the kernels of {@code dev.lamina.kernels}.
 *
 * <p>The service loader finds {@link dev.lamina.opencl.OpenClDeviceProvider}; {@code OpenClDevice}
 * is the place to start. No exception of the binding leaves this package.
 */
package dev.lamina.opencl;
