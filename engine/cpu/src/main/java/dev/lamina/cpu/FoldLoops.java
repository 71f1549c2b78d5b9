package dev.lamina.cpu;

import dev.lamina.device.OpCall;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.tensor.TensorSpec;
import java.nio.FloatBuffer;

/** Folds normalisations into weights, filter by filter, on the heap. */
final class FoldLoops {
  private FoldLoops() {}

  static CpuWay batchNorm(FoldBatchNorm2d op, OpCall call) {
    TensorSpec weight = call.inputs().get(0);
    int filters = weight.shape().size(0);
    int size = Math.toIntExact(weight.elements() / filters);
    return CpuWay.canonical(
        call,
        "loop",
        () ->
            (inputs, outputs, workspace) -> {
              FloatBuffer[] in = UpdateLoops.floats(inputs, 0);
              FloatBuffer foldedWeight = outputs.get(0).floats();
              FloatBuffer foldedBias = outputs.get(1).floats();
              float[] row = new float[size];
              return () -> {
                for (int k = 0; k < filters; k++) {
                  double deviation = Math.sqrt((double) in[4].get(k) + op.epsilon());
                  float factor = (float) (in[1].get(k) / deviation);
                  in[0].get(k * size, row);
                  for (int i = 0; i < size; i++) {
                    row[i] *= factor;
                  }
                  foldedWeight.put(k * size, row);
                  float bias = in.length == 6 ? in[5].get(k) : 0;
                  foldedBias.put(k, in[2].get(k) + (bias - in[3].get(k)) * factor);
                }
              };
            });
  }
}
