package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.op.OptimizerOp;
import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.HostTensor;
import dev.lamina.testkit.ReferenceOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Optimizers over 1,000 steps against PyTorch's definitions, written down here a second time from
 * the formulas in the documentation of {@code torch.optim}, parameter by parameter.
 */
class OptimizerTrajectoryTest {
  private static final int STEPS = 1000;

  /** One parameter's update by PyTorch's formulas; it keeps its state itself. */
  private interface Rule {
    double next(double p, double g, int t);
  }

  /** Makes the rule of one parameter. */
  private interface Rules {
    Rule make();
  }

  static Stream<Arguments> optimizers() {
    double decay = 0.01f;
    return Stream.of(
        Arguments.of(new Optimizer.Sgd(0, false, 0), 0.05f, sgd(0.05f, 0, false, 0)),
        Arguments.of(new Optimizer.Sgd(0.9f, false, 0.01f), 0.01f, sgd(0.01f, 0.9f, false, decay)),
        Arguments.of(new Optimizer.Sgd(0.9f, true, 0.01f), 0.01f, sgd(0.01f, 0.9f, true, decay)),
        Arguments.of(new Optimizer.Adam(0), 0.01f, adam(0.01f, 0, false)),
        Arguments.of(new Optimizer.Adam(0.01f), 0.01f, adam(0.01f, decay, false)),
        Arguments.of(
            new Optimizer.Adam(0.9f, 0.999f, 1e-8f, 0.01f, true), 0.01f, adam(0.01f, decay, true)),
        Arguments.of(new Optimizer.RmsProp(0, 0.01f), 0.001f, rmsProp(0.001f, false, 0, decay)),
        Arguments.of(new Optimizer.RmsProp(0.9f, 0), 1e-4f, rmsProp(1e-4f, false, 0.9f, 0)),
        Arguments.of(
            new Optimizer.RmsProp(0.99f, 1e-8f, true, 0, 0.01f),
            1e-4f,
            rmsProp(1e-4f, true, 0, decay)),
        Arguments.of(
            new Optimizer.RmsProp(0.99f, 1e-8f, true, 0.5f, 0),
            5e-5f,
            rmsProp(5e-5f, true, 0.5f, 0)),
        Arguments.of(new Optimizer.Adagrad(0), 0.1f, adagrad(0.1f, 0)),
        Arguments.of(new Optimizer.Adagrad(0.01f), 0.1f, adagrad(0.1f, decay)));
  }

  private static Rules sgd(double lr, double momentum, boolean nesterov, double decay) {
    return () ->
        new Rule() {
          private double b;

          @Override
          public double next(double p, double gradient, int t) {
            double g = gradient + decay * p;
            if (momentum != 0) {
              b = t > 1 ? momentum * b + g : g;
              g = nesterov ? g + momentum * b : b;
            }
            return p - lr * g;
          }
        };
  }

  private static Rules adam(double lr, double decay, boolean decoupled) {
    double beta1 = 0.9f;
    double beta2 = 0.999f;
    double epsilon = 1e-8f;
    return () ->
        new Rule() {
          private double m;
          private double v;

          @Override
          public double next(double p, double gradient, int t) {
            double g = decoupled ? gradient : gradient + decay * p;
            double shrunk = decoupled ? p - lr * decay * p : p;
            m = beta1 * m + (1 - beta1) * g;
            v = beta2 * v + (1 - beta2) * g * g;
            double meanOfFirst = m / (1 - Math.pow(beta1, t));
            double meanOfSecond = v / (1 - Math.pow(beta2, t));
            return shrunk - lr * meanOfFirst / (Math.sqrt(meanOfSecond) + epsilon);
          }
        };
  }

  private static Rules rmsProp(double lr, boolean centered, double momentum, double decay) {
    double alpha = 0.99f;
    double epsilon = 1e-8f;
    return () ->
        new Rule() {
          private double v;
          private double average;
          private double b;

          @Override
          public double next(double p, double gradient, int t) {
            double g = gradient + decay * p;
            v = alpha * v + (1 - alpha) * g * g;
            average = centered ? alpha * average + (1 - alpha) * g : 0;
            b = momentum * b + g / (Math.sqrt(v - average * average) + epsilon);
            return p - lr * b;
          }
        };
  }

  private static Rules adagrad(double lr, double decay) {
    double epsilon = 1e-10f;
    return () ->
        new Rule() {
          private double sum;

          @Override
          public double next(double p, double gradient, int t) {
            double g = gradient + decay * p;
            sum += g * g;
            return p - lr * g / (Math.sqrt(sum) + epsilon);
          }
        };
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void followsTheFormulaDownAQuadratic(Optimizer optimizer, float rate, Rules rules) {
    double[] curvature = {0.1, 0.5, 1, 2, 5};
    double[] minimum = {1, -2, 0.5, 3, -1};
    UnaryOperator<double[]> gradient =
        p -> {
          double[] g = new double[p.length];
          for (int i = 0; i < p.length; i++) {
            g[i] = curvature[i] * (p[i] - minimum[i]);
          }
          return g;
        };
    check(optimizer, rate, rules, gradient, new double[] {0, 0, 0, 1, 2});
  }

  /** Two inputs, three tanh units, one output; squared error over four points (exclusive or). */
  @ParameterizedTest
  @MethodSource("optimizers")
  void followsTheFormulaThroughASmallNetwork(Optimizer optimizer, float rate, Rules rules) {
    double[] start = {
      0.3, -0.6, 0.8, 0.5, -0.4, 0.7, 0.1, -0.2, 0.05, 0.9, -0.7, 0.6, 0.1,
    };
    check(optimizer, rate, rules, OptimizerTrajectoryTest::networkGradient, start);
  }

  private static double[] networkGradient(double[] p) {
    double[][] points = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}};
    double[] g = new double[p.length];
    for (double[] point : points) {
      double[] hidden = new double[3];
      double y = p[12];
      for (int h = 0; h < 3; h++) {
        hidden[h] = Math.tanh(p[2 * h] * point[0] + p[2 * h + 1] * point[1] + p[6 + h]);
        y += p[9 + h] * hidden[h];
      }
      double dy = (y - point[2]) / 2;
      g[12] += dy;
      for (int h = 0; h < 3; h++) {
        g[9 + h] += dy * hidden[h];
        double dh = dy * p[9 + h] * (1 - hidden[h] * hidden[h]);
        g[2 * h] += dh * point[0];
        g[2 * h + 1] += dh * point[1];
        g[6 + h] += dh;
      }
    }
    return g;
  }

  private static void check(
      Optimizer optimizer,
      float rate,
      Rules rules,
      UnaryOperator<double[]> gradient,
      double[] start) {
    OptimizerOp op = optimizer.op().forGroup(1, optimizer.weightDecay());
    TensorSpec flat = TensorSpec.f32(start.length);
    HostTensor parameters = HostTensor.of(flat, start);
    List<HostTensor> states = new ArrayList<>();
    for (int i = 0; i < op.states(); i++) {
      states.add(HostTensor.zeros(flat));
    }
    double[] expected = start.clone();
    List<Rule> rulesOf = new ArrayList<>();
    for (int i = 0; i < start.length; i++) {
      rulesOf.add(rules.make());
    }
    for (int t = 1; t <= STEPS; t++) {
      List<HostTensor> inputs = new ArrayList<>(List.of(parameters));
      inputs.addAll(states);
      inputs.add(table(rate, optimizer.biasCorrections(t)));
      inputs.add(HostTensor.zeros(StepTable.cursor()));
      inputs.add(HostTensor.of(flat, gradient.apply(parameters.values())));
      ReferenceOps.evaluate(op, inputs);
      double[] g = gradient.apply(expected);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = rulesOf.get(i).next(expected[i], g[i], t);
      }
      assertArrayEquals(expected, parameters.values(), 1e-6, op + " after step " + t);
    }
    double moved = 0;
    for (int i = 0; i < start.length; i++) {
      moved = Math.max(moved, Math.abs(expected[i] - start[i]));
    }
    assertTrue(moved > 0.1, op + " hardly moved: " + moved);
  }

  private static HostTensor table(float rate, float[] corrections) {
    HostTensor table = HostTensor.zeros(StepTable.spec(1, 1));
    table.values()[StepTable.LEARNING_RATE] = Float.floatToRawIntBits(rate);
    table.values()[StepTable.GRADIENT_SCALE] = Float.floatToRawIntBits(1);
    table.values()[StepTable.BIAS_CORRECTION_1] = Float.floatToRawIntBits(corrections[0]);
    table.values()[StepTable.BIAS_CORRECTION_2] = Float.floatToRawIntBits(corrections[1]);
    return table;
  }
}
