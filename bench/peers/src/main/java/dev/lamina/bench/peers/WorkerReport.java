package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.io.Serializable;
import java.util.List;

/**
 * What one worker process measured; what it writes to its standard output.
 *
 * @param version of the engine
 * @param evidence losses of the first steps (training), or the probabilities of the first batch
 *     (inference): what shows that engines did the same work
 * @param lastLoss loss after all windows; null for inference
 * @param warmUpSteps untimed steps, the checked ones included
 * @param peakBytes most resident memory of the process, from its start to the end of the last
 *     window
 */
record WorkerReport(
    String engine,
    String version,
    String variant,
    Mode mode,
    float[] evidence,
    Float lastLoss,
    int warmUpSteps,
    List<Window> windows,
    long peakBytes)
    implements Serializable {}
