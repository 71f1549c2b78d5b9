package dev.lamina.models;

import dev.lamina.graph.GraphBuilder;
import dev.lamina.graph.Value;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import java.util.Optional;

/**
 * What a network can be told beside the samples it is for; start from {@link #defaults()}.
 *
 * @param dropout probability of leaving an activation out before a fully connected layer, at least
 *     0 and below 1; empty for the network's own
 * @param activation nonlinearity of one input in place of the rectifier; empty for the rectifier
 */
public record ModelOptions(Optional<Float> dropout, Optional<Op> activation) {
  /** Checks the values. */
  public ModelOptions {
    dropout.ifPresent(
        probability -> {
          if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException(
                "dropout must be at least 0 and below 1, not " + probability);
          }
        });
  }

  /** Returns the options of the networks as listed. */
  public static ModelOptions defaults() {
    return new ModelOptions(Optional.empty(), Optional.empty());
  }

  /** Returns these options with a probability of dropout. */
  public ModelOptions withDropout(float probability) {
    return new ModelOptions(Optional.of(probability), activation);
  }

  /** Returns these options with another nonlinearity. */
  public ModelOptions withActivation(Op activation) {
    return new ModelOptions(dropout, Optional.of(activation));
  }

  /** Adds a dropout, if these options say so. */
  Value drop(GraphBuilder g, Value x) {
    return g.dropout(x, dropout.orElse(0f));
  }

  /** Adds the nonlinearity. */
  Value activate(GraphBuilder g, Value x) {
    return g.activate(x, activation.orElseGet(Relu::new));
  }
}
