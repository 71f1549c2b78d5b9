package dev.lamina.device;

import java.util.ArrayList;
import java.util.List;

/**
 * The buffers that a call is bound to, as its device's own: each as long as its layout says.
 *
 * @param <B> the device's buffers
 * @param inputs one for each input
 * @param outputs one for each output
 * @param workspace scratch, or null where none is needed
 */
public record Operands<B extends DeviceBuffer>(List<B> inputs, List<B> outputs, B workspace) {
  /**
   * How a device knows its buffers.
   *
   * @param <B> the device's buffers
   */
  public interface Ownership<B extends DeviceBuffer> {
    /**
     * Returns the buffer as the device's own.
     *
     * @throws IllegalArgumentException if it belongs to another device
     * @throws IllegalStateException if its arena is closed
     */
    B own(DeviceBuffer buffer);

    /** Returns where the buffer begins, as far as alignment goes. */
    long address(B buffer);
  }

  /**
   * Checks the buffers of a call.
   *
   * @param way the way it runs
   * @param workspaceBytes scratch it needs
   * @param alignment of every buffer in bytes
   * @throws IllegalArgumentException if buffers are missing, too short or misaligned
   */
  public static <B extends DeviceBuffer> Operands<B> check(
      OpCall call,
      Way way,
      long workspaceBytes,
      int alignment,
      Ownership<B> device,
      List<DeviceBuffer> inputs,
      List<DeviceBuffer> outputs,
      DeviceBuffer workspace) {
    Checks<B> checks = new Checks<>(call, alignment, device);
    List<B> in = checks.all("input", inputs, way.inputs());
    List<B> out = checks.all("output", outputs, way.outputs());
    B scratch = null;
    if (workspaceBytes > 0) {
      if (workspace == null || workspace.bytes() < workspaceBytes) {
        throw new IllegalArgumentException(
            "%s needs a workspace of %d bytes, but got %s"
                .formatted(call, workspaceBytes, workspace));
      }
      scratch = checks.aligned("workspace", device.own(workspace));
    }
    return new Operands<>(in, out, scratch);
  }

  /** Returns inputs, outputs and workspace. */
  public List<B> all() {
    List<B> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    if (workspace != null) {
      all.add(workspace);
    }
    return all;
  }

  private record Checks<B extends DeviceBuffer>(OpCall call, int alignment, Ownership<B> device) {
    List<B> all(String what, List<DeviceBuffer> buffers, List<Layout> expected) {
      if (buffers.size() != expected.size()) {
        throw new IllegalArgumentException(
            "%s: has %d %ss, but %d buffers were given"
                .formatted(call, expected.size(), what, buffers.size()));
      }
      List<B> owned = new ArrayList<>();
      for (int i = 0; i < expected.size(); i++) {
        B buffer = device.own(buffers.get(i));
        long needed = expected.get(i).bytes();
        if (buffer.bytes() < needed) {
          throw new IllegalArgumentException(
              "%s: %s %d needs %d bytes in layout %s, but %s has %d"
                  .formatted(call, what, i, needed, expected.get(i), buffer, buffer.bytes()));
        }
        owned.add(device.own(aligned(what + " " + i, buffer).slice(0, needed)));
      }
      return owned;
    }

    B aligned(String what, B buffer) {
      if (device.address(buffer) % alignment != 0) {
        throw new IllegalArgumentException(
            "%s: %s at %s is not aligned to %d bytes".formatted(call, what, buffer, alignment));
      }
      return buffer;
    }
  }
}
