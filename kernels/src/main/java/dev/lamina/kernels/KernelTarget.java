package dev.lamina.kernels;

/**
 * What of a device decides which kernels it is offered.
 *
 * @param panels whether it is of CPU type: few large work-items on vector registers, not many on
 *     local memory
 * @param computeUnits cores or multiprocessors
 */
public record KernelTarget(boolean panels, int computeUnits) {}
