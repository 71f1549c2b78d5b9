package dev.lamina.task;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One transfer of a profiled execution, for JDK Flight Recorder. */
@Name("dev.lamina.Transfer")
@Label("Lamina Transfer")
@Category("Lamina")
@Description("A copy between host and device, waited for")
@StackTrace(false)
final class TransferEvent extends Event {
  @Label("Device")
  String device;

  @Label("Array")
  String array;

  @Label("To Device")
  boolean toDevice;

  @Label("Bytes")
  @DataAmount
  long bytes;

  /** Ends the event and hands it over, if anybody records it. */
  void end(String onDevice, HostArray moved, boolean up) {
    end();
    if (shouldCommit()) {
      device = onDevice;
      array = moved.name();
      toDevice = up;
      bytes = moved.spec().bytes();
      commit();
    }
  }
}
