/**
 * Lamina and other engines on the same work, each in a process of its own, in alternating runs.
 *
 * <p>{@link dev.lamina.bench.peers.Peers} is the coordinator: for every round, mode, engine and
 * variant it waits for an idle machine, starts a {@link dev.lamina.bench.peers.Worker} and reads
 * what it wrote. Before any ratio is printed, {@code Agreement} checks that all engines computed
 * the same numbers. How and why it measures so: {@code bench/METHODOLOGY.md}.
 */
package dev.lamina.bench.peers;
