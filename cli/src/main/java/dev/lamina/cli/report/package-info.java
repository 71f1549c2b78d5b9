/**
 * The page that shows a run. {@link dev.lamina.cli.report.Report} makes it from the run's folder
 * alone: no data set, no device, no network. The page is well-formed XML too, so that programs can
 * read figures from its {@code data} elements.
 */
package dev.lamina.cli.report;
