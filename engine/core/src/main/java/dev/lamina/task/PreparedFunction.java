package dev.lamina.task;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.Launch;
import dev.lamina.device.PreparedOp;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A function of the user's, bound to memory that the device shares with the host. */
record PreparedFunction(String task, HostFunction function) implements PreparedOp {
  @Override
  public long workspaceBytes() {
    return 0;
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    List<FloatBuffer> views = new ArrayList<>();
    for (DeviceBuffer buffer : inputs) {
      views.add(
          buffer
              .mapped()
              .orElseThrow(
                  () ->
                      new DeviceException(
                          "java task \""
                              + task
                              + "\": the device has memory of its own, which Java cannot reach; run"
                              + " the graph on cpu, or write the task as a kernel"))
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer());
    }
    return stream -> function.run(views.stream().map(FloatBuffer::duplicate).toList());
  }

  @Override
  public void close() {
    // nothing is held
  }
}
