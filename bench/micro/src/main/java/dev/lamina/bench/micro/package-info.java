/**
 * JMH benchmarks of what happens on the host: planning and input. Device time is not measured here,
 * since JMH does not time asynchronous work. Started by {@code bench/micro/run}.
 */
package dev.lamina.bench.micro;
