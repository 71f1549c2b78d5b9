package dev.lamina.kernels;

import dev.lamina.device.Way;
import java.util.List;

/**
 * One way to run a call: launches in order, and the scratch they share.
 *
 * @param offered name and layouts, as devices offer them
 * @param workspaceBytes scratch of one run; 0 for none
 * @param calls what is launched, in order
 * @param parameters what could be otherwise
 */
public record KernelWay(
    Way offered, long workspaceBytes, List<KernelCall> calls, List<KernelParameter> parameters) {
  /** Offsets in the workspace are multiples of this many bytes: no device aligns to more. */
  public static final int SCRATCH_ALIGNMENT = 512;

  /** Makes a way that could not be otherwise. */
  public KernelWay(Way offered, long workspaceBytes, List<KernelCall> calls) {
    this(offered, workspaceBytes, calls, List.of());
  }

  /** Copies the lists. */
  public KernelWay {
    calls = List.copyOf(calls);
    parameters = List.copyOf(parameters);
  }
}
