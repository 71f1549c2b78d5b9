/**
 * A run on disk: its folder, its record, its metrics, its summary. Whoever shows runs reads them
 * through {@link dev.lamina.cli.run.RunDirectory}.
 */
package dev.lamina.cli.run;
