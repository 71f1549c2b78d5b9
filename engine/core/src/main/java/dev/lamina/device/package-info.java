/**
 * The device contract: discovery, memory, ordering, prepared ops, kernels of the user's, recorded
 * replays.
 *
 * <p>Start at {@link dev.lamina.device.Device}. Device modules implement it and are found by {@link
 * java.util.ServiceLoader}; {@code exec} and {@code graph} are its callers.
 */
package dev.lamina.device;
