/**
 * What an engine must do to be compared, and the work it is given.
 *
 * <p>{@link dev.lamina.bench.peers.engine.Workload} says what is computed: network, batches,
 * initial weights, optimizer; all of it follows from a seed, so that engines in different processes
 * start from the same numbers. {@link dev.lamina.bench.peers.engine.PeerEngine} is one engine; it
 * has one small class per network. Nothing here knows any engine.
 */
package dev.lamina.bench.peers.engine;
