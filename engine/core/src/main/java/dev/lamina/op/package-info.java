/**
 * Operations: one record per op, holding its attributes, shape inference, gradient and cost.
 *
 * <p>An op says what is computed, never how: devices offer implementations for {@link
 * dev.lamina.op.Op} records. Start at {@link dev.lamina.op.Op}, then {@link dev.lamina.op.Conv2d}.
 */
package dev.lamina.op;
