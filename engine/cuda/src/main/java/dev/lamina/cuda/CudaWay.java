package dev.lamina.cuda;

import dev.lamina.device.Way;
import java.util.function.Supplier;

/**
 * One way to run a call.
 *
 * @param offered name and layouts, as the device offers them
 * @param work makes the call ready
 */
record CudaWay(Way offered, Supplier<Work> work) {}
