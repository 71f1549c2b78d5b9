/**
 * Where samples come from: published data sets, downloaded or found, verified and decoded, and
 * {@code digits}, which is generated.
 *
 * <p>Start at {@link dev.lamina.datasets.DatasetCatalog}. A new data set is one {@code
 * DatasetSource}, one line in the catalog, and, if it is published as files, their hashes in {@code
 * PublishedFiles}. Nothing found in a file is trusted: lengths, counts, labels and names are
 * checked against what is really there before they are used.
 */
package dev.lamina.datasets;
