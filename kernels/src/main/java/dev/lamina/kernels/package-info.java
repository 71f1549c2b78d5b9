/**
 * Kernels for GPUs and CPU-type devices, and what launches make up each op.
 *
 * <p>The kernels are resources beside this package: one text for OpenCL C and CUDA C, by a prelude
 * for each; what only OpenCL can say stands in {@code x.opencl.cl}. Device modules ask {@link
 * dev.lamina.kernels.KernelOps} for the ways to run a call, compile {@link
 * dev.lamina.kernels.KernelSource} and launch {@link dev.lamina.kernels.KernelCall}. Start at
 * {@code KernelOps}.
 */
package dev.lamina.kernels;
