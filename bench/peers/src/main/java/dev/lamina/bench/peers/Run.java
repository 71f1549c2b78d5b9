package dev.lamina.bench.peers;

/**
 * One worker's report and the machine's state before it.
 *
 * @param round from 1
 */
record Run(int round, IdleWait.Seen before, WorkerReport report) {}
