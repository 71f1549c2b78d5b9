package dev.lamina.exec;

import dev.lamina.device.OpCall;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Way;
import java.util.List;
import java.util.Optional;

/**
 * One prepared call of a schedule.
 *
 * @param name the node's name, unique in its lane
 * @param call op and specs
 * @param way the way chosen
 * @param inputs where the inputs lie
 * @param outputs where the outputs lie
 * @param prepared the call made ready
 * @param workspace where its scratch lies, if it needs any
 */
public record Task(
    String name,
    OpCall call,
    Way way,
    List<PlannedTensor> inputs,
    List<PlannedTensor> outputs,
    PreparedOp prepared,
    Optional<Place> workspace) {
  /** Copies the lists. */
  public Task {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
