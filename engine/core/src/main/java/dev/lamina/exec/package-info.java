/**
 * From graph to running device: layouts are chosen, memory is planned, ops are prepared and
 * recorded.
 *
 * <p>{@link dev.lamina.exec.Schedule} is the one internal form: ordered tasks over planned memory.
 * {@code Lowering} makes it from a step graph, the public task graph makes it from a user's tasks,
 * and {@link dev.lamina.exec.ExecutionPlan} runs it.
 */
package dev.lamina.exec;
