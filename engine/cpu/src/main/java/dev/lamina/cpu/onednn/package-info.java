/**
 * A thin layer over oneDNN's C interface: values for memory descriptors, factories for primitives,
 * prebuilt calls over raw addresses.
 *
 * <p>The CPU device is its only caller. Start at {@link dev.lamina.cpu.onednn.OneDnn} (library and
 * engine), then {@link dev.lamina.cpu.onednn.MemoryDesc} (shape plus physical layout), a factory
 * such as {@link dev.lamina.cpu.onednn.Convolution} that gives a {@link
 * dev.lamina.cpu.onednn.PrimitiveDesc}, the {@link dev.lamina.cpu.onednn.Primitive} built from it,
 * and the {@link dev.lamina.cpu.onednn.Call} that runs it on fixed addresses.
 *
 * <p>Three rules hold here. Scratchpads are the caller's (oneDNN's own scratchpad ties a primitive
 * to the thread that made it). No object of this package relies on the garbage collector to free
 * native memory, and none is allocated through JavaCPP's tracked allocations, whose limits follow
 * the Java heap. A primitive bakes in the OpenMP thread count of the thread that builds it, so
 * {@link dev.lamina.cpu.onednn.OpenMp} is told first.
 */
package dev.lamina.cpu.onednn;
