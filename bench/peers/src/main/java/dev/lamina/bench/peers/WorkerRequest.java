package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;
import java.io.Serializable;

/** What one worker process is to measure; what it reads from its standard input. */
record WorkerRequest(
    String engine, String variant, Mode mode, String nativeCache, Settings settings)
    implements Serializable {}
