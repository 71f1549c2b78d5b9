/**
 * From samples to batches: data sets, the order in which samples are drawn, the ring of batches.
 *
 * <p>Start at {@link dev.lamina.data.Dataset}. Nothing here knows a file format; module {@code
 * lamina-datasets} does.
 */
package dev.lamina.data;
