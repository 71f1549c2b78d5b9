package dev.lamina.op;

import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * {@link Conv2d} with bias whose result is added to another tensor before the activation: the end
 * of a residual block, as evaluation and prediction run it.
 *
 * <p>Inputs: {@code x [n, c, h, w]}, {@code weight [k, c/groups, kh, kw]}, {@code bias [k]}, {@code
 * addend [n, k, oh, ow]}. Output: {@code y} of the addend's spec. Lowering adds it, models do not.
 *
 * @param window extents, strides, padding, dilation
 * @param groups channels are split into that many independent convolutions
 * @param relu whether {@code max(0, y)} is applied to the sum
 */
public record Conv2dAdd(Window window, int groups, boolean relu) implements Op {
  /** Checks the values. */
  public Conv2dAdd {
    Conv2d.checkGroups("conv2d_add", groups);
  }

  @Override
  public String name() {
    return "conv2d_add";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 4, 4);
    List<TensorSpec> y = new Conv2d(window, groups, relu).infer(inputs.subList(0, 3));
    Check.same(this, "addend", inputs.get(3), y.get(0));
    return y;
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    long flops = Conv2d.flops(inputs.get(1), outputs.get(0));
    return Cost.of(flops + outputs.get(0).elements(), inputs, outputs);
  }
}
