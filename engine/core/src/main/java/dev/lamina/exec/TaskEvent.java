package dev.lamina.exec;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One task of a timed run, for JDK Flight Recorder. */
@Name("dev.lamina.Task")
@Label("Lamina Task")
@Category("Lamina")
@Description("A task run alone and waited for, not within a recorded launch")
@StackTrace(false)
final class TaskEvent extends Event {
  @Label("Device")
  String device;

  @Label("Plan")
  String plan;

  @Label("Task")
  String task;

  @Label("Op")
  String op;

  @Label("Floating-Point Operations")
  long flops;

  @Label("Bytes")
  @DataAmount
  long bytes;

  /** Ends the event and hands it over, if anybody records it. */
  void end(String onDevice, String ofPlan, Task ran) {
    end();
    if (shouldCommit()) {
      device = onDevice;
      plan = ofPlan;
      task = ran.name();
      op = ran.call().op().name();
      flops = ran.call().cost().flops();
      bytes = ran.call().cost().bytes();
      commit();
    }
  }
}
