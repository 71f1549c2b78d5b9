package dev.lamina.testkit;

import dev.lamina.op.StepTable;
import dev.lamina.tensor.TensorSpec;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** How the values of an input of a case are drawn. Every value is exact in the input's type. */
@FunctionalInterface
interface Fill {
  /** Evenly from [-1, 1). */
  Fill UNIT = each(random -> (float) random.nextDouble(-1, 1));

  /** Evenly from [0.5, 1.5). */
  Fill POSITIVE = each(random -> (float) random.nextDouble(0.5, 1.5));

  /** Integers from -4 to 4: sums of their products are exact in f32, in whatever order. */
  Fill INTEGERS = each(random -> random.nextInt(-4, 5));

  /** Few different values, so that windows and rows hold equal maxima. */
  Fill TIES = each(random -> random.nextInt(-2, 3));

  /** Large enough to overflow exp() where the maximum is not taken out. */
  Fill LARGE = each(random -> (float) random.nextDouble(-300, 300));

  /** Pixels. */
  Fill BYTES = below(256);

  /** Zeros. */
  Fill ZEROS = (spec, random) -> HostTensor.zeros(spec);

  /** A flat run of parameters whose layouts leave padding of zeros: three of each eight. */
  Fill PADDED =
      (spec, random) -> {
        HostTensor tensor = UNIT.make(spec, random);
        for (int i = 0; i < tensor.values().length; i++) {
          if (i % 8 >= 5) {
            tensor.values()[i] = 0;
          }
        }
        return tensor;
      };

  /** Makes the tensor. */
  HostTensor make(TensorSpec spec, SplittableRandom random);

  /** Draws each value on its own. */
  static Fill each(ToDoubleFunction<SplittableRandom> draw) {
    return (spec, random) -> {
      HostTensor tensor = HostTensor.zeros(spec);
      for (int i = 0; i < tensor.values().length; i++) {
        tensor.values()[i] = draw.applyAsDouble(random);
      }
      return tensor;
    };
  }

  /** Draws integers from 0 to {@code bound - 1}. */
  static Fill below(int bound) {
    return each(random -> random.nextInt(bound));
  }

  /** Gives these values. */
  static Fill values(double... values) {
    return (spec, random) -> HostTensor.of(spec, values);
  }

  /** Gives each slot of step tables this float at a word, one value per slot. */
  static Fill tables(int word, float... slots) {
    return ZEROS.word(word, slots);
  }

  /** Fills as this does, then sets a word of each slot of step tables to a float. */
  default Fill word(int word, float... slots) {
    int[] bits = new int[slots.length];
    for (int slot = 0; slot < slots.length; slot++) {
      bits[slot] = Float.floatToRawIntBits(slots[slot]);
    }
    return bits(word, bits);
  }

  /** Fills as this does, then sets a word of each slot of step tables. */
  default Fill bits(int word, int... slots) {
    return (spec, random) -> {
      HostTensor tensor = make(spec, random);
      for (int slot = 0; slot < slots.length; slot++) {
        tensor.values()[slot * tensor.size(1) + word] = slots[slot];
      }
      return tensor;
    };
  }

  /** Fills step tables with sample indices below {@code bound}. */
  static Fill indices(int bound) {
    return (spec, random) -> {
      HostTensor tensor = HostTensor.zeros(spec);
      for (int i = 0; i < tensor.values().length; i++) {
        boolean index = i % tensor.size(1) >= StepTable.INDICES;
        tensor.values()[i] = index ? random.nextInt(bound) : 0;
      }
      return tensor;
    };
  }

  /** Fills as this does, then makes the first value NaN and the second, if any, infinite. */
  default Fill broken() {
    return (spec, random) -> {
      HostTensor tensor = make(spec, random);
      tensor.values()[0] = Double.NaN;
      if (tensor.values().length > 1) {
        tensor.values()[1] = Double.POSITIVE_INFINITY;
      }
      return tensor;
    };
  }
}
