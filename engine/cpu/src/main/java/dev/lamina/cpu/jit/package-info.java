/**
 * Machine code made for one shape, where oneDNN leaves much of a processor idle: convolutions of
 * images with few channels, and gradients that a max-pooling has made mostly zero.
 *
 * <p>Linux on x86-64 with AVX2 only; elsewhere {@link dev.lamina.cpu.jit.NativeCode#unsupported}
 * says why and the device goes without. Start at {@link dev.lamina.cpu.jit.GeneratedKernel}, then
 * {@code PooledWeights} for the idea that saves most; {@code Assembler} writes the bytes and {@code
 * Routine} loops and copies.
 */
package dev.lamina.cpu.jit;
