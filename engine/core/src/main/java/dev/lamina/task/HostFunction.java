package dev.lamina.task;

import java.nio.FloatBuffer;
import java.util.List;

/** A function of the user's that works on arrays where they lie on the device. */
@FunctionalInterface
public interface HostFunction {
  /**
   * Does the work, on the thread that executes the plan.
   *
   * @param arrays views of the task's arrays, in the order given; writes go through
   */
  void run(List<FloatBuffer> arrays);
}
