package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.Slab.Region;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Brings values that are nowhere zero into a layout and back: none may be lost, padding is zero.
 */
final class LayoutCheck {
  private LayoutCheck() {}

  static void check(Device device, TensorSpec spec, Layout layout) {
    Slab slab = new Slab(device);
    Region source = slab.region("source", spec.bytes());
    Region physical = slab.region("physical", layout.bytes());
    Region target = slab.region("target", spec.bytes());
    OpCall call = OpCall.of(new Reorder(), 1, spec);
    Layout canonical = device.canonical(spec);
    ByteBuffer image = slab.image((byte) 0xFF);
    ramp(spec, layout).write(source.of(image));
    try (PreparedOp there = device.prepare(call, way(canonical, layout));
        PreparedOp back = device.prepare(call, way(layout, canonical));
        DeviceArena arena = device.arena("layouts")) {
      slab.allocate(arena);
      DeviceBuffer middle = slab.buffer(physical);
      try (Replay replay =
          device.record(
              List.of(
                  new Phase(
                      "there and back",
                      List.of(
                          List.of(
                              there.bind(
                                  List.of(slab.buffer(source)),
                                  List.of(middle),
                                  workspace(arena, there)),
                              back.bind(
                                  List.of(middle),
                                  List.of(slab.buffer(target)),
                                  workspace(arena, back)))))))) {
        slab.upload(image);
        device.compute().launch(replay);
        ByteBuffer result = slab.download();
        slab.checkGuards(result);
        if (!source.of(result).equals(target.of(result))) {
          throw new AssertionError(
              "%s in layout %s and back is not what it was".formatted(spec, layout));
        }
        checkPadding(spec, layout, physical.of(result));
      }
    }
  }

  private static void checkPadding(TensorSpec spec, Layout layout, ByteBuffer physical) {
    int width = Lane.Place.width(spec, layout);
    long zeros = 0;
    for (int i = 0; i < layout.bytes(); i += width) {
      boolean zero = true;
      for (int b = i; b < Math.min(layout.bytes(), i + width); b++) {
        zero &= physical.get(b) == 0;
      }
      zeros += zero ? 1 : 0;
    }
    long padding = layout.bytes() / width - spec.elements();
    if (zeros != padding) {
      throw new AssertionError(
          "%s in layout %s has %d elements of padding, but %d zeros: padding must be zero"
              .formatted(spec, layout, padding, zeros));
    }
  }

  /** Values that differ as far as type and layout allow, none of them zero. */
  private static HostTensor ramp(TensorSpec spec, Layout layout) {
    HostTensor tensor = HostTensor.zeros(spec);
    boolean few = Lane.Place.width(spec, layout) < Float.BYTES;
    int period = few ? 255 : Integer.MAX_VALUE;
    for (int i = 0; i < tensor.values().length; i++) {
      tensor.values()[i] = 1 + i % period;
    }
    return tensor;
  }

  private static Way way(Layout from, Layout to) {
    return new Way("reorder", List.of(from), List.of(to));
  }

  private static DeviceBuffer workspace(DeviceArena arena, PreparedOp op) {
    long bytes = op.workspaceBytes();
    return bytes == 0 ? null : arena.allocate("workspace", bytes);
  }
}
