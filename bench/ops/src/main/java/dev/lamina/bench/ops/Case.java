package dev.lamina.bench.ops;

import dev.lamina.device.OpCall;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * One op on inputs of given shapes.
 *
 * @param list the shape list it is from
 * @param place where in the model it stands; the first of {@code times} places
 * @param times how often the model makes an equal call
 * @param call the whole batch as one call
 * @param share the part of it that each lane takes where a device runs several; one call for the
 *     whole batch if lanes cannot share it
 * @param opaque positions of the inputs that only the device's own ops can make
 */
record Case(String list, String place, int times, OpCall call, OpCall share, Set<Integer> opaque) {

  /** Returns this case as one that occurs another time. */
  Case again() {
    return new Case(list, place, times + 1, call, share, opaque);
  }

  /** Returns the operands' extents: {@code 64x1x28x28 6x1x5x5 6 > 64x6x28x28}. */
  String shapes() {
    return extents(call.inputs())
        + (call.outputs().isEmpty() ? "" : " > ")
        + extents(call.outputs());
  }

  private static String extents(List<TensorSpec> specs) {
    return specs.stream()
        .map(
            spec ->
                LongStream.of(spec.shape().dims())
                    .mapToObj(Long::toString)
                    .collect(Collectors.joining("x")))
        .collect(Collectors.joining(" "));
  }
}
