package dev.lamina.cpu;

import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.PrimitiveDesc;
import dev.lamina.cpu.onednn.Reorder;
import dev.lamina.device.DeviceException;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Changes of layout. */
final class ReorderWay {
  private ReorderWay() {}

  /** Offers the copy, and what leads from usual layouts to the canonical one and back. */
  static List<CpuWay> usual(OpCall call, Asked asked) {
    TensorSpec spec = call.inputs().get(0);
    Layout canonical = new Layout(Layout.CANONICAL, spec.bytes());
    List<CpuWay> ways =
        new ArrayList<>(List.of(of(call, between(canonical, canonical), asked.threads())));
    if (spec.type() == DataType.F32) {
      for (MemoryDesc desc : Forms.usual(spec)) {
        Layout other = Forms.layout(spec, spec.shape().dims(), desc).orElseThrow();
        if (!other.canonical()) {
          ways.add(of(call, between(canonical, other), asked.threads()));
          ways.add(of(call, between(other, canonical), asked.threads()));
        }
      }
    }
    return ways;
  }

  private static Way between(Layout from, Layout to) {
    return new Way(from + " -> " + to, List.of(from), List.of(to));
  }

  /**
   * Makes the way between two layouts that this device named.
   *
   * @throws DeviceException if one of them cannot be rewritten
   */
  static CpuWay of(OpCall call, Way way, int threads) {
    TensorSpec spec = call.inputs().get(0);
    Layout from = way.inputs().get(0);
    Layout to = way.outputs().get(0);
    if (from.equals(to)) {
      return new CpuWay(call, way, () -> ReorderWay::copy);
    }
    if (from.isPrivate() || to.isPrivate()) {
      throw new DeviceException(
          "cpu: cannot reorder %s from %s to %s: private forms stay between the ops that name them"
              .formatted(spec, from, to));
    }
    if (spec.type() != DataType.F32) {
      throw new DeviceException(
          "cpu: cannot reorder %s from %s to %s: only f32 has layouts".formatted(spec, from, to));
    }
    if (Forms.filled(from) || Forms.filled(to)) {
      return new CpuWay(call, way, () -> ReorderWay::fill);
    }
    long[] view = Forms.view(spec, from.canonical() ? to : from);
    MemoryDesc src = in(view, spec, from);
    MemoryDesc dst = in(view, spec, to);
    return new CpuWay(call, way, () -> kernel(src, dst, threads));
  }

  /** The layout's descriptor in a view that both layouts of the reorder must share. */
  private static MemoryDesc in(long[] view, TensorSpec spec, Layout layout) {
    if (layout.canonical()) {
      return MemoryDesc.of(Forms.plain(view.length), view);
    }
    MemoryDesc desc = Forms.desc(spec, layout);
    if (!Arrays.equals(desc.dims(), view)) {
      throw new DeviceException(
          "cpu: layout %s of %s is not one of %s".formatted(layout, spec, Arrays.toString(view)));
    }
    return desc;
  }

  private static Kernel kernel(MemoryDesc src, MemoryDesc dst, int threads) {
    try (PrimitiveDesc desc = Reorder.of(src, dst)) {
      // Rare pairs have only the reference copy; what it costs is measured with the rest.
      return new PrimitiveKernel(
          desc.buildEvenReference(), threads, List.of(Arg.SRC), List.of(Arg.DST));
    }
  }

  private static Runnable copy(
      List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace) {
    ByteBuffer from = inputs.get(0).view();
    ByteBuffer to = outputs.get(0).view();
    return () -> to.clear().put(from.clear());
  }

  /** Copies a vector and fills it up with zeros, or cuts the zeros off. */
  private static Runnable fill(
      List<CpuBuffer> inputs, List<CpuBuffer> outputs, CpuBuffer workspace) {
    FloatBuffer from = inputs.get(0).floats();
    FloatBuffer to = outputs.get(0).floats();
    int values = Math.min(from.limit(), to.limit());
    return () -> {
      for (int i = 0; i < to.limit(); i++) {
        to.put(i, i < values ? from.get(i) : 0);
      }
    };
  }
}
