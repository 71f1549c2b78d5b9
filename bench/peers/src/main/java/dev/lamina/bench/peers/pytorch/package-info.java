/**
 * PyTorch's native library, driven through DJL.
 *
 * <p>It is set up to be as fast as it can be here: see {@code bench/METHODOLOGY.md}. A new network
 * is one class that makes a DJL block, named in {@link
 * dev.lamina.bench.peers.pytorch.PyTorchModel}.
 */
package dev.lamina.bench.peers.pytorch;
