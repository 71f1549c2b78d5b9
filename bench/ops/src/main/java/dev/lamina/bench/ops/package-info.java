/**
 * Times single ops at the shapes of the models, forward and every gradient, on any device. Start at
 * {@link dev.lamina.bench.ops.Ops}.
 */
package dev.lamina.bench.ops;
