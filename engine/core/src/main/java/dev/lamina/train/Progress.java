package dev.lamina.train;

/**
 * Where a run stands, for people who wait.
 *
 * @param epoch epoch under way, from 1
 * @param epochs epochs of the run
 * @param batch batches done in this epoch
 * @param batches batches of an epoch
 * @param loss mean loss of this epoch's rows read so far; NaN before the first
 * @param accuracy share of right answers among them, 0 to 1; NaN before the first
 * @param samplesPerSecond over this epoch so far
 */
public record Progress(
    int epoch,
    int epochs,
    int batch,
    int batches,
    double loss,
    double accuracy,
    double samplesPerSecond) {}
