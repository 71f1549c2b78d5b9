package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.Blas;
import dev.lamina.cuda.call.Gemm;
import dev.lamina.cuda.call.Handle;
import java.util.List;

/** cuBLAS of a {@link DryRun}. */
final class DryRunBlas implements Blas {
  private final DryRun run;
  private final Handle handle;
  private Handle stream;
  private Memory workspace;

  DryRunBlas(DryRun run) {
    this.run = run;
    handle = run.made("cuBLAS handle", "cuBLAS handle");
  }

  @Override
  public void use(Handle stream, long workspace, long workspaceBytes) {
    run.alive("stream", stream);
    this.stream = stream;
    this.workspace = new Memory(workspace, workspaceBytes);
    run.memory("cuBLAS's workspace", this.workspace);
  }

  @Override
  public void multiply(Gemm gemm, long a, long b, long c) {
    if (stream == null) {
      throw run.violation("cuBLAS has neither stream nor workspace");
    }
    Memory left = new Memory(a, gemm.bytesA());
    Memory right = new Memory(b, gemm.bytesB());
    Memory result = new Memory(c, gemm.bytesC());
    for (Memory operand : List.of(left, right, workspace)) {
      if (DryRun.overlap(operand, result)) {
        throw run.violation(gemm + " writes over its operand");
      }
    }
    run.work(stream, gemm.toString(), List.of(left, right, result, workspace));
  }

  @Override
  public void close() {
    run.destroyed("cuBLAS handle", handle);
  }
}
