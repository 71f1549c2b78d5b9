/**
 * What a GPU machine is asked by {@code bench/gpu/run.sh}: {@code Probe} first, then the
 * conformance suite ({@code Conformance}), then training ({@code TrainBench}). Each is a program
 * that prints facts and leaves a file.
 */
package dev.lamina.bench.gpu;
