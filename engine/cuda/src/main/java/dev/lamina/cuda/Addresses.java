package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument.Memory;
import java.util.List;

/**
 * Where a call's operands lie.
 *
 * @param inputs one for each input
 * @param outputs one for each output
 * @param workspace of the call's size; of length 0 where it needs none
 */
record Addresses(List<Memory> inputs, List<Memory> outputs, Memory workspace) {
  long input(int position) {
    return inputs.get(position).address();
  }

  long output(int position) {
    return outputs.get(position).address();
  }
}
