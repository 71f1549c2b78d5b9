/**
 * Graphs of ops: how models are written down, differentiated and fused. Functions from graph to
 * graph; no device and no memory.
 *
 * <p>Start at {@link dev.lamina.graph.GraphBuilder}, then {@link dev.lamina.graph.StepGraph}.
 */
package dev.lamina.graph;
