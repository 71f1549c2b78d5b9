package dev.lamina.op;

import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;

/**
 * Picks the labels of a batch by the indices of the current step table.
 *
 * <p>Inputs: {@code labels i32[s]}, step tables, cursor. Output: {@code i32[rows]}; row {@code r}
 * is label {@code indices[firstRow + r]}.
 */
public record GatherLabels(int firstRow, int rows) implements Op {
  /** Checks the values. */
  public GatherLabels {
    StepTable.checkRows("gather_labels", firstRow, rows);
  }

  @Override
  public String name() {
    return "gather_labels";
  }

  @Override
  public List<TensorSpec> infer(List<TensorSpec> inputs) {
    Check.count(this, inputs, 3, 3);
    Check.rank(this, "labels", inputs.get(0), 1);
    Check.type(this, "labels", inputs.get(0), DataType.I32);
    StepTable.check(this, inputs.get(1), inputs.get(2), firstRow + rows);
    return List.of(TensorSpec.i32(rows));
  }

  @Override
  public Cost cost(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    return new Cost(0, 12L * rows);
  }
}
