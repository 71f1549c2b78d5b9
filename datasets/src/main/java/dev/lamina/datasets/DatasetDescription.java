package dev.lamina.datasets;

import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;

/**
 * What the catalog knows of a data set before it is opened.
 *
 * @param name what a user types, for example {@code fashion-mnist}
 * @param summary what the images show, in a few words
 * @param spec what one sample looks like
 * @param normalization how pixels become network inputs
 * @param trainSize samples to learn from, as published; a user's own files may hold others
 * @param testSize samples to measure on, as published
 * @param downloadBytes what a first use downloads; 0 if nothing
 * @param origin authors, licence and where to read more, in one line
 */
public record DatasetDescription(
    String name,
    String summary,
    SampleSpec spec,
    Normalization normalization,
    int trainSize,
    int testSize,
    long downloadBytes,
    String origin) {}
