/**
 * Runs a configuration: device, data, network, training, and what a run directory keeps of it.
 *
 * <p>Start at {@link dev.lamina.cli.train.TrainSession}.
 */
package dev.lamina.cli.train;
