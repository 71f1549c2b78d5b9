package dev.lamina.cpu;

import dev.lamina.device.Layout;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a family of ways: all it has, or one by name, for which it need not look at the
 * others; describing a primitive costs oneDNN time and memory.
 *
 * @param threads OpenMP threads of a call
 * @param way implementation and tags as {@link dev.lamina.device.Way} names them, empty for all
 */
record Asked(int threads, Optional<String> way) {
  /** Whether a way with that name is asked for. */
  boolean wants(String name) {
    return way.map(name::equals).orElse(true);
  }

  /**
   * Whether a way may be asked for that has these layouts.
   *
   * @param layouts of inputs, then outputs; null where not known yet
   */
  boolean mayWant(List<Layout> layouts) {
    if (way.isEmpty()) {
      return true;
    }
    String[] words = way.get().replace(" -> ", " ").split(" ");
    int first = words.length - layouts.size();
    for (int i = 0; i < layouts.size(); i++) {
      Layout layout = layouts.get(i);
      if (layout != null && (first < 0 || !layout.tag().equals(words[first + i]))) {
        return false;
      }
    }
    return true;
  }
}
