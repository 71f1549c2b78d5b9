/**
 * The CPU device: oneDNN's primitives, machine code generated for a shape, and loops in Java, all
 * over host memory.
 *
 * <p>{@link dev.lamina.cpu.CpuDeviceProvider} is found by the service loader; everything else is
 * reached through the contract in {@link dev.lamina.device}. To follow a step, read {@code
 * CpuReplay} (lanes and barriers), then {@code CpuWay} (how an op may be run), then the ops by
 * family: {@code ConvolutionWays}, {@code LinearWays}, {@code PoolingWays}, {@code
 * ElementwiseWays}, {@code NormalizationWays} on oneDNN; {@code GeneratedConvolutions}, {@code
 * BlockedConvolutions}, {@code GeneratedLoops} on code of {@link dev.lamina.cpu.jit}; {@code
 * ChannelLoops}, {@code DropoutLoops}, {@code AugmentationLoops}, {@code StepLoops}, {@code
 * LossLoops}, {@code UpdateLoops} in Java.
 */
package dev.lamina.cpu;
