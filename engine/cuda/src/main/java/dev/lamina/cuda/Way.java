package dev.lamina.cuda;

import dev.lamina.device.Layouts;
import java.util.function.Supplier;

/**
 * One way to run a call.
 *
 * @param layouts name and layouts, as the device offers them
 * @param work makes the call ready
 */
record Way(Layouts layouts, Supplier<Work> work) {}
