package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.Mode;

/** What one worker process is to measure; its only argument, as JSON. */
record WorkerRequest(
    String engine, String variant, Mode mode, String nativeCache, Settings settings) {}
