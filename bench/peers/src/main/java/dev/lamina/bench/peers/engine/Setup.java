package dev.lamina.bench.peers.engine;

import java.nio.file.Path;

/**
 * Everything an engine needs to make a session.
 *
 * @param workload what to compute
 * @param variant one of the engine's variants for the mode
 * @param threads how many threads the engine may keep busy
 * @param nativeCache folder for what an engine keeps between processes, such as unpacked native
 *     libraries; shared by all of them
 */
public record Setup(Workload workload, String variant, int threads, Path nativeCache) {}
