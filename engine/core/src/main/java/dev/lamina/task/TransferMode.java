package dev.lamina.task;

/** When an array moves between host and device. */
public enum TransferMode {
  /** With the first execution only: data that does not change. */
  FIRST_EXECUTION,
  /** With every execution. */
  EVERY_EXECUTION,
  /** Only when asked for with {@link TaskPlan#fetch}; from the device only. */
  UNDER_DEMAND
}
