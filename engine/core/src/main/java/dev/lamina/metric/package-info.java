/**
 * What a run measures: sums that the device hands over, class probabilities, and the figures made
 * of them. Start with {@link dev.lamina.metric.Predictions}.
 */
package dev.lamina.metric;
