package dev.lamina.testkit;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.Layouts;
import dev.lamina.device.OpCall;
import dev.lamina.device.PreparedOp;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MatMul;
import java.util.ArrayList;
import java.util.List;

/** A call in one of the ways a {@link ReferenceDevice} offers. */
final class ReferencePrepared implements PreparedOp {
  /** Scratch that some ops ask for without need, and fill with NaN: plans must keep it apart. */
  private static final int WORKSPACE = 192;

  private final ReferenceDevice device;
  private final OpCall call;
  private final Layouts layouts;
  private final Object leakKey;
  private boolean closed;

  ReferencePrepared(ReferenceDevice device, OpCall call, Layouts layouts) {
    this.device = device;
    this.call = call;
    this.layouts = layouts;
    leakKey = device.leaks().opened("prepared " + call, 0);
  }

  @Override
  public long workspaceBytes() {
    boolean scratch =
        call.op() instanceof Conv2d
            || call.op() instanceof Conv2dBackwardData
            || call.op() instanceof Conv2dBackwardWeights
            || call.op() instanceof MatMul;
    return scratch ? WORKSPACE : 0;
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    checkOpen();
    List<ReferenceBuffer> boundInputs = own("input", inputs, layouts.inputs());
    List<ReferenceBuffer> boundOutputs = own("output", outputs, layouts.outputs());
    ReferenceBuffer scratch = null;
    if (workspaceBytes() > 0) {
      if (workspace == null || workspace.bytes() < workspaceBytes()) {
        throw new IllegalArgumentException(
            "%s needs a workspace of %d bytes, but got %s"
                .formatted(call, workspaceBytes(), workspace));
      }
      scratch = device.own(workspace);
    }
    return new Bound(boundInputs, boundOutputs, scratch);
  }

  @Override
  public void close() {
    if (!closed) {
      device.finish();
      device.leaks().closed(leakKey);
      closed = true;
    }
  }

  private List<ReferenceBuffer> own(
      String what, List<DeviceBuffer> buffers, List<Layout> expected) {
    if (buffers.size() != expected.size()) {
      throw new IllegalArgumentException(
          "%s: has %d %ss, but %d buffers were given"
              .formatted(call, expected.size(), what, buffers.size()));
    }
    List<ReferenceBuffer> owned = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      ReferenceBuffer buffer = device.own(buffers.get(i));
      long needed = expected.get(i).bytes();
      if (buffer.bytes() < needed) {
        throw new IllegalArgumentException(
            "%s: %s %d needs %d bytes in layout %s, but %s has %d"
                .formatted(call, what, i, needed, expected.get(i), buffer, buffer.bytes()));
      }
      if (!buffer.aligned(device.alignment())) {
        throw new IllegalArgumentException(
            "%s: %s %d at %s is not aligned to %d bytes"
                .formatted(call, what, i, buffer, device.alignment()));
      }
      owned.add(buffer.slice(0, needed));
    }
    return owned;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(call + " was used after it was closed");
    }
  }

  /** The call on its buffers. */
  final class Bound implements Launch {
    private final List<ReferenceBuffer> inputs;
    private final List<ReferenceBuffer> outputs;
    private final ReferenceBuffer workspace;

    private Bound(
        List<ReferenceBuffer> inputs, List<ReferenceBuffer> outputs, ReferenceBuffer workspace) {
      this.inputs = inputs;
      this.outputs = outputs;
      this.workspace = workspace;
      List<ReferenceBuffer> written = written();
      for (int i = 0; i < written.size(); i++) {
        for (ReferenceBuffer other : touched()) {
          if (other != written.get(i) && other.overlaps(written.get(i))) {
            throw new IllegalArgumentException(
                "%s: %s is written, but overlaps %s".formatted(call, written.get(i), other));
          }
        }
      }
    }

    @Override
    public void enqueue(dev.lamina.device.Stream stream) {
      checkReady();
      if (!(stream instanceof ReferenceStream own) || own.device() != device) {
        throw new IllegalArgumentException(call + ": the stream belongs to another device");
      }
      own.submit(this::run);
    }

    /** Returns the buffers that a run writes. */
    List<ReferenceBuffer> written() {
      List<ReferenceBuffer> written = new ArrayList<>(outputs);
      call.op().mutates().forEach(position -> written.add(inputs.get(position)));
      if (workspace != null) {
        written.add(workspace);
      }
      return written;
    }

    /** Returns the buffers that a run reads or writes. */
    List<ReferenceBuffer> touched() {
      List<ReferenceBuffer> touched = new ArrayList<>(inputs);
      touched.addAll(outputs);
      if (workspace != null) {
        touched.add(workspace);
      }
      return touched;
    }

    ReferenceDevice device() {
      return device;
    }

    void checkReady() {
      checkOpen();
      touched().forEach(ReferenceBuffer::checkOpen);
    }

    void run() {
      List<HostTensor> values = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        values.add(inputs.get(i).read(call.inputs().get(i), layouts.inputs().get(i)));
      }
      if (workspace != null) {
        for (int i = 0; i < workspaceBytes(); i++) {
          workspace.memory().put(i, (byte) 0xFF);
        }
      }
      List<HostTensor> results = ReferenceOps.evaluate(call.op(), values);
      for (int i = 0; i < outputs.size(); i++) {
        outputs.get(i).write(results.get(i), layouts.outputs().get(i));
      }
      for (int position : call.op().mutates()) {
        inputs.get(position).write(values.get(position), layouts.inputs().get(position));
      }
      device.countRun(call.op().name());
    }

    @Override
    public String toString() {
      return call + " on " + inputs + " to " + outputs;
    }
  }
}
