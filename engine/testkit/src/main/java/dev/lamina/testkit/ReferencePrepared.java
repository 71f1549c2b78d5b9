package dev.lamina.testkit;

import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Operands;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Way;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dAdd;
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
  private final Way way;
  private final Object leakKey;
  private boolean closed;

  ReferencePrepared(ReferenceDevice device, OpCall call, Way way) {
    this.device = device;
    this.call = call;
    this.way = way;
    leakKey = device.leaks().opened("prepared " + call, 0);
  }

  @Override
  public long workspaceBytes() {
    boolean scratch =
        call.op() instanceof Conv2d
            || call.op() instanceof Conv2dAdd
            || call.op() instanceof Conv2dBackwardData
            || call.op() instanceof Conv2dBackwardWeights
            || call.op() instanceof MatMul;
    return scratch ? WORKSPACE : 0;
  }

  @Override
  public Launch bind(
      List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, DeviceBuffer workspace) {
    checkOpen();
    return new Bound(
        Operands.check(
            call,
            way,
            workspaceBytes(),
            device.alignment(),
            device.ownership(),
            inputs,
            outputs,
            workspace));
  }

  @Override
  public void close() {
    if (!closed) {
      device.finish();
      device.leaks().closed(leakKey);
      closed = true;
    }
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

    private Bound(Operands<ReferenceBuffer> operands) {
      inputs = operands.inputs();
      outputs = operands.outputs();
      workspace = operands.workspace();
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
        values.add(inputs.get(i).read(call.inputs().get(i), way.inputs().get(i)));
      }
      if (workspace != null) {
        for (int i = 0; i < workspaceBytes(); i++) {
          workspace.memory().put(i, (byte) 0xFF);
        }
      }
      List<HostTensor> results = ReferenceOps.evaluate(call.op(), values);
      for (int i = 0; i < outputs.size(); i++) {
        outputs.get(i).write(results.get(i), way.outputs().get(i));
      }
      for (int position : call.op().mutates()) {
        inputs.get(position).write(values.get(position), way.inputs().get(position));
      }
      device.countRun(call.op().name());
    }

    @Override
    public String toString() {
      return call + " on " + inputs + " to " + outputs;
    }
  }
}
