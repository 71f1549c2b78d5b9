/**
 * Task graphs: any sequence of library calls, kernels and functions of one's own, with the
 * transfers around it, run by the same executor as training.
 *
 * <p>Start at {@link dev.lamina.task.TaskGraph}. In the manner of TornadoVM: a graph is written
 * down, frozen into a plan on a device, and executed any number of times.
 */
package dev.lamina.task;
