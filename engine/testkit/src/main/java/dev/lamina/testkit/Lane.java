package dev.lamina.testkit;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Layout;
import dev.lamina.device.Way;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.Slab.Region;
import java.util.ArrayList;
import java.util.List;

/** Where one lane's operands of one call lie in a slab. */
final class Lane {
  /**
   * An operand.
   *
   * @param canonical where it lies canonically; null where only the device understands it
   * @param physical where the call takes it; the same region where the call takes it canonically
   * @param again room for the canonical form brought to the layout again; null where not needed
   */
  record Place(TensorSpec spec, Layout layout, Region canonical, Region physical, Region again) {
    boolean opaque() {
      return canonical == null;
    }

    /** Bytes of an element as the layout stores it: half as many where it has too few for all. */
    int width() {
      return width(spec, layout);
    }

    static int width(TensorSpec spec, Layout layout) {
      int bytes = spec.type().bytes();
      return !layout.isPrivate() && layout.bytes() < spec.bytes() ? bytes / 2 : bytes;
    }

    boolean reordered() {
      return !opaque() && canonical != physical;
    }
  }

  private final Slab slab;
  private final List<Place> inputs = new ArrayList<>();
  private final List<Place> outputs = new ArrayList<>();
  private final Region workspace;

  /** Lays out a call; {@code fed}, if not null, is used in place of a region for its input. */
  Lane(Slab slab, OpCase opCase, Way way, long workspaceBytes, Place fed) {
    this.slab = slab;
    List<TensorSpec> specs = opCase.specs();
    for (int i = 0; i < specs.size(); i++) {
      boolean given = fed != null && opCase.feed().input() == i;
      inputs.add(given ? fed : place("input " + i, specs.get(i), way.inputs().get(i), false));
    }
    List<TensorSpec> results = opCase.call(1).outputs();
    for (int i = 0; i < results.size(); i++) {
      boolean opaque = opCase.opaque(i) || way.outputs().get(i).isPrivate();
      outputs.add(place("output " + i, results.get(i), way.outputs().get(i), opaque));
    }
    workspace = workspaceBytes > 0 ? slab.region("workspace", workspaceBytes) : null;
  }

  List<Place> inputs() {
    return inputs;
  }

  List<Place> outputs() {
    return outputs;
  }

  List<DeviceBuffer> inputBuffers() {
    return inputs.stream().map(place -> slab.buffer(place.physical())).toList();
  }

  List<DeviceBuffer> outputBuffers() {
    return outputs.stream().map(place -> slab.buffer(place.physical())).toList();
  }

  DeviceBuffer workspaceBuffer() {
    return workspace == null ? null : slab.buffer(workspace);
  }

  private Place place(String name, TensorSpec spec, Layout layout, boolean opaque) {
    Region physical = slab.region(name + " as " + layout, layout.bytes());
    if (opaque) {
      return new Place(spec, layout, null, physical, null);
    }
    if (layout.canonical()) {
      return new Place(spec, layout, physical, physical, null);
    }
    return new Place(
        spec,
        layout,
        slab.region(name + " canonical", spec.bytes()),
        physical,
        slab.region(name + " as " + layout + " again", layout.bytes()));
  }
}
