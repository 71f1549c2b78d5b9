/**
 * NVIDIA's libraries: where they lie on this machine, what is missing, and how they are loaded.
 *
 * <p>{@code LibrarySearch} knows the folders, {@code LibrarySet} chooses and says what is missing
 * without loading anything, {@code Bridge} stands between JCuda's natives for CUDA 12 and a machine
 * with CUDA 13 alone, {@code Loading} loads. The device provider is the caller; start at {@code
 * LibrarySet}.
 */
package dev.lamina.cuda.library;
