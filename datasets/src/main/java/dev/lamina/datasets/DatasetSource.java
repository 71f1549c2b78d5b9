package dev.lamina.datasets;

import dev.lamina.data.DataSplits;

/** One data set of the catalog: what it is and how it is opened. */
interface DatasetSource {
  DatasetDescription description();

  /**
   * Finds, downloads or makes the data and decodes it.
   *
   * @throws dev.lamina.data.DataException if it is missing, damaged or of another data set
   */
  DataSplits open(DatasetOptions options);
}
