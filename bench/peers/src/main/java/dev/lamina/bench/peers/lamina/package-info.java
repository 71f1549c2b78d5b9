/**
 * Lamina, through the plans that its own training and prediction run.
 *
 * <p>Networks come from its model catalogue by name, so a new one needs no class here.
 */
package dev.lamina.bench.peers.lamina;
