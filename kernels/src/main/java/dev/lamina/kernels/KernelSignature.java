package dev.lamina.kernels;

import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.KernelOp;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a kernel of the user's takes: as the driver tells of the compiled kernel or, where it tells
 * nothing, as the source declares it.
 *
 * @param parameters in order
 */
public record KernelSignature(List<Parameter> parameters) {
  /** Where a parameter's value lies. */
  public enum Space {
    /** An array in device memory. */
    BUFFER,
    /** An array that a group's work-items share; tasks give none. */
    LOCAL,
    /** A number. */
    VALUE
  }

  /**
   * One parameter.
   *
   * @param type of the number or of the array's elements, in OpenCL C's words
   */
  public record Parameter(String name, Space space, String type) {
    @Override
    public String toString() {
      return switch (space) {
        case BUFFER -> type + "* " + name;
        case LOCAL -> "local " + type + "* " + name;
        case VALUE -> type + " " + name;
      };
    }
  }

  /** The types whose meaning is known here; a vector of them has a number behind. */
  private static final Pattern KNOWN =
      Pattern.compile("(bool|u?char|u?short|u?int|u?long|half|float|double)(2|3|4|8|16)?");

  private static final Map<DataType, Set<String>> ELEMENTS =
      Map.of(
          DataType.F32, Set.of("float"),
          DataType.I32, Set.of("int", "uint"),
          DataType.U8, Set.of("uchar", "char"));

  private static final Map<Class<?>, Set<String>> NUMBERS =
      Map.of(
          Integer.class, Set.of("int", "uint"),
          Long.class, Set.of("long", "ulong"),
          Float.class, Set.of("float"),
          Double.class, Set.of("double"));

  /** Copies the list. */
  public KernelSignature {
    parameters = List.copyOf(parameters);
  }

  /**
   * Checks that the arguments of a task fit. Elements of a type that only the source knows are not
   * compared.
   *
   * @param arrays the arrays' types and shapes, by position
   * @throws KernelArgumentException if they do not
   */
  public void check(KernelOp op, List<TensorSpec> arrays) {
    Kernel kernel = op.kernel();
    if (op.arguments().size() != parameters.size()) {
      throw misfit(
          op,
          KernelArgumentException.COUNT,
          "takes %d arguments, but got %d; give one for each of %s"
              .formatted(parameters.size(), op.arguments().size(), parameters));
    }
    for (int i = 0; i < parameters.size(); i++) {
      Optional<String> reason =
          op.arguments().get(i) instanceof KernelOp.Array array
              ? refusal(parameters.get(i), array, arrays.get(array.position()), kernel)
              : refusal(parameters.get(i), ((KernelOp.Scalar) op.arguments().get(i)).value());
      if (reason.isPresent()) {
        throw misfit(op, i, "argument %d, %s, %s".formatted(i, parameters.get(i), reason.get()));
      }
    }
    for (String required : kernel.least().keySet()) {
      if (parameters.stream().noneMatch(parameter -> parameter.name().equals(required))) {
        throw misfit(
            op,
            KernelArgumentException.COUNT,
            "requires elements of %s, but has only %s".formatted(required, parameters));
      }
    }
  }

  private static Optional<String> refusal(
      Parameter parameter, KernelOp.Array array, TensorSpec spec, Kernel kernel) {
    String got = "but got array %s %s; ".formatted(array.array(), spec);
    if (parameter.space() == Space.VALUE) {
      return Optional.of("is a number, " + got + "give a number");
    }
    if (parameter.space() == Space.LOCAL) {
      return Optional.of("is local memory, which tasks do not give; declare it in the kernel");
    }
    Matcher known = KNOWN.matcher(parameter.type());
    if (known.matches() && !ELEMENTS.get(spec.type()).contains(known.group(1))) {
      return Optional.of("has other elements, " + got + "give an array of " + parameter.type());
    }
    long least = kernel.least().getOrDefault(parameter.name(), 0L);
    return spec.elements() < least
        ? Optional.of("needs %d elements, %sgive a larger array".formatted(least, got))
        : Optional.empty();
  }

  private static Optional<String> refusal(Parameter parameter, Number value) {
    String got = "but got %s of type %s; ".formatted(value, value.getClass().getSimpleName());
    if (parameter.space() == Space.BUFFER) {
      return Optional.of("is an array, " + got + "give a HostArray");
    }
    if (parameter.space() == Space.LOCAL) {
      return Optional.of("is local memory, which tasks do not give; declare it in the kernel");
    }
    return !NUMBERS.get(value.getClass()).contains(parameter.type())
        ? Optional.of("has another type, " + got + "give " + javaType(parameter.type()))
        : Optional.empty();
  }

  private static String javaType(String type) {
    return NUMBERS.entrySet().stream()
        .filter(entry -> entry.getValue().contains(type))
        .map(entry -> "the Java type " + entry.getKey().getSimpleName())
        .findFirst()
        .orElse("it in an array, or declare the parameter as int, long, float or double");
  }

  private static KernelArgumentException misfit(KernelOp op, int position, String reason) {
    return new KernelArgumentException(op.task(), op.kernel().name(), position, reason);
  }
}
