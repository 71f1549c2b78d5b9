package dev.lamina.cpu;

import dev.lamina.cpu.onednn.Arg;
import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.OneDnnException;
import dev.lamina.cpu.onednn.Primitive;
import dev.lamina.cpu.onednn.PrimitiveDesc;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Collects the ways oneDNN has for one call: every implementation of every combination of layouts
 * that is asked for, less the reference loops and what is known to lose.
 */
final class PrimitiveWays {
  /**
   * How a tensor of the call meets the primitive.
   *
   * @param view extents under which the primitive sees it, before filling up; null if its memory is
   *     canonical, whatever the primitive makes of it
   * @param told what the primitive is told about its layout; null if the primitive chooses
   */
  record Operand(Arg arg, long[] view, MemoryDesc told) {
    Operand(Arg arg, long[] view) {
      this(arg, view, null);
    }

    static Operand of(Arg arg, TensorSpec spec) {
      return new Operand(arg, spec.shape().dims());
    }

    static Operand canonical(Arg arg) {
      return new Operand(arg, null);
    }

    /** The layout, if it is settled before the primitive is described. */
    private Layout layout(TensorSpec spec) {
      return told == null ? null : Forms.layout(spec, view, told).orElse(null);
    }
  }

  private final OpCall call;
  private final Asked asked;
  private final Map<String, CpuWay> ways = new LinkedHashMap<>();

  PrimitiveWays(OpCall call, Asked asked) {
    this.call = call;
    this.asked = asked;
  }

  /**
   * Offers all implementations of a primitive, or the one that is asked for.
   *
   * @param source describes the primitive, the same each time
   * @param inputs one for each input of the call
   * @param outputs one for each output of the call
   */
  void offer(Supplier<PrimitiveDesc> source, List<Operand> inputs, List<Operand> outputs) {
    offer(
        source,
        inputs,
        outputs,
        primitive ->
            new PrimitiveKernel(primitive, asked.threads(), arguments(inputs), arguments(outputs)));
  }

  /** Likewise, for a primitive that a kernel of its own runs and takes over. */
  void offer(
      Supplier<PrimitiveDesc> source,
      List<Operand> inputs,
      List<Operand> outputs,
      Function<Primitive, Kernel> running) {
    if (!mayBeWanted(inputs, outputs)) {
      return;
    }
    try (PrimitiveDesc desc = source.get()) {
      do {
        Way found = found(desc, inputs, outputs);
        if (!desc.reference() && found != null && asked.wants(found.implementation())) {
          Supplier<Kernel> kernel = () -> running.apply(build(source, found, inputs, outputs));
          ways.putIfAbsent(found.implementation(), new CpuWay(call, found, kernel));
        }
      } while (desc.advance());
    } catch (OneDnnException none) {
      if (!none.unimplemented()) {
        throw none;
      }
    }
  }

  private boolean mayBeWanted(List<Operand> inputs, List<Operand> outputs) {
    List<Layout> told = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      told.add(inputs.get(i).layout(call.inputs().get(i)));
    }
    for (int i = 0; i < outputs.size(); i++) {
      told.add(outputs.get(i).layout(call.outputs().get(i)));
    }
    boolean found = asked.way().isPresent() && !ways.isEmpty();
    return !found && asked.mayWant(told);
  }

  /** What the implementation at hand takes and gives; null if that cannot be named. */
  private Way found(PrimitiveDesc desc, List<Operand> inputs, List<Operand> outputs) {
    List<Layout> in = layouts(desc, call.inputs(), inputs);
    List<Layout> out = layouts(desc, call.outputs(), outputs);
    if (in == null || out == null) {
      return null;
    }
    String tags =
        Stream.of(in, out)
            .map(list -> list.stream().map(Layout::tag).collect(Collectors.joining(" ")))
            .collect(Collectors.joining(" -> "));
    return new Way(desc.implementation() + " " + tags, in, out);
  }

  private static List<Layout> layouts(
      PrimitiveDesc desc, List<TensorSpec> specs, List<Operand> operands) {
    List<Layout> layouts = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      Operand operand = operands.get(i);
      if (operand.view() == null) {
        layouts.add(new Layout(Layout.CANONICAL, specs.get(i).bytes()));
        continue;
      }
      MemoryDesc found = desc.desc(operand.arg());
      Optional<Layout> layout =
          operand.arg() == Arg.WORKSPACE
              ? Optional.of(PoolingWays.winners(desc, found))
              : Forms.layout(specs.get(i), operand.view(), found);
      if (layout.isEmpty()) {
        return null;
      }
      layouts.add(layout.get());
    }
    return layouts;
  }

  private Primitive build(
      Supplier<PrimitiveDesc> source, Way wanted, List<Operand> inputs, List<Operand> outputs) {
    try (PrimitiveDesc desc = source.get()) {
      // By name, not by position: with some primitives built, oneDNN's list repeats them.
      while (!wanted.equals(found(desc, inputs, outputs))) {
        if (!desc.advance()) {
          throw new IllegalStateException("oneDNN no longer offers " + wanted + " for " + call);
        }
      }
      return desc.build();
    }
  }

  private static List<Arg> arguments(List<Operand> operands) {
    List<Arg> arguments = new ArrayList<>();
    operands.forEach(operand -> arguments.add(operand.arg()));
    return arguments;
  }

  /** Leaves out implementations that must not be run, whether asked for by name or not. */
  void refuse(Predicate<String> implementation) {
    ways.keySet().removeIf(implementation);
  }

  /** Leaves out implementations of a kind that loses wherever another kind exists. */
  void dropIfOthers(Predicate<String> implementation) {
    if (!ways.keySet().stream().allMatch(implementation)) {
      ways.keySet().removeIf(implementation);
    }
  }

  /**
   * Returns what was found.
   *
   * @throws UnsupportedOpException if all was asked for and there is nothing
   */
  List<CpuWay> all() {
    if (ways.isEmpty() && asked.way().isEmpty()) {
      throw new UnsupportedOpException(
          "cpu: oneDNN has no optimised implementation of " + call + " for this processor");
    }
    return List.copyOf(ways.values());
  }
}
