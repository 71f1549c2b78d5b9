package dev.lamina.exec;

import dev.lamina.device.Layout;
import dev.lamina.graph.Parameter;
import dev.lamina.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a model's parameters lie in one flat buffer: those that decay first, then the others, then
 * the frozen ones, each aligned and in the layout the forward pass prefers. Gradients and optimizer
 * state lie the same way as far as there are any, so one launch updates a whole group.
 */
final class ParameterLayout {
  /**
   * One parameter in the flat buffer.
   *
   * @param parameter which
   * @param layout physical form
   * @param offset bytes from the start
   */
  record Entry(Parameter parameter, Layout layout, long offset) {}

  /**
   * A run of parameters that one launch updates.
   *
   * @param decays whether weight decay applies
   * @param offset bytes from the start
   * @param bytes length, alignment gaps included
   */
  record Group(boolean decays, long offset, long bytes) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Group> groups = new ArrayList<>();
  private final long learningBytes;
  private final long bytes;

  ParameterLayout(List<Parameter> parameters, Map<Value, Layout> layouts, int alignment) {
    long offset = 0;
    for (boolean decays : new boolean[] {true, false}) {
      long start = offset;
      for (Parameter parameter : parameters) {
        if (parameter.decays() == decays && !parameter.frozen()) {
          offset = add(parameter, layouts, offset, alignment);
        }
      }
      if (offset > start) {
        groups.add(new Group(decays, start, offset - start));
      }
    }
    learningBytes = offset;
    for (Parameter parameter : parameters) {
      if (parameter.frozen()) {
        offset = add(parameter, layouts, offset, alignment);
      }
    }
    bytes = offset;
  }

  private long add(Parameter parameter, Map<Value, Layout> layouts, long offset, int alignment) {
    Layout layout = layouts.get(parameter.value());
    entries.put(parameter.name(), new Entry(parameter, layout, offset));
    return offset + (layout.bytes() + alignment - 1) / alignment * alignment;
  }

  /** Returns all parameters in the order in which they lie. */
  List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** Returns the parameter of that name. */
  Entry entry(String name) {
    return entries.get(name);
  }

  /** Returns the groups, in order; without frozen parameters. */
  List<Group> groups() {
    return List.copyOf(groups);
  }

  /** Returns the bytes of the part that is not frozen, which comes first. */
  long learningBytes() {
    return learningBytes;
  }

  /** Returns the bytes of the flat buffer. */
  long bytes() {
    return bytes;
  }

  Map<Value, Layout> layouts() {
    Map<Value, Layout> layouts = new HashMap<>();
    entries.values().forEach(entry -> layouts.put(entry.parameter().value(), entry.layout()));
    return layouts;
  }
}
