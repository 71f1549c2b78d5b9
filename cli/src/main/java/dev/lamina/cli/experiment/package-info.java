/**
 * Experiments: many runs that differ in what a file says, and what they come to together. {@link
 * dev.lamina.cli.experiment.ExperimentSession} reads the file, makes the runs through {@code
 * cli.train} and has the page made by {@code cli.report}.
 */
package dev.lamina.cli.experiment;
