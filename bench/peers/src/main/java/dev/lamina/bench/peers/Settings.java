package dev.lamina.bench.peers;

import java.io.Serializable;

/**
 * What all runs of one comparison have in common.
 *
 * @param model name of the network
 * @param batchSize images a batch
 * @param batches different resident batches, taken in turn
 * @param seed of batches and initial weights
 * @param threads how many threads each engine may keep busy
 * @param checkedSteps first training steps whose losses are compared between engines
 * @param warmUpSeconds shortest time between those steps and the first window
 * @param windows timed windows of a run
 * @param windowSeconds shortest length of a window; not used if {@code windowSteps} is positive
 * @param windowSteps steps of a window; 0 to go by time
 */
record Settings(
    String model,
    int batchSize,
    int batches,
    long seed,
    int threads,
    int checkedSteps,
    double warmUpSeconds,
    int windows,
    double windowSeconds,
    int windowSteps)
    implements Serializable {}
