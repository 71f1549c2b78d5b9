package dev.lamina.cpu.jit;

import java.util.ArrayList;
import java.util.List;

/** A place in the code that jumps lead to, known before or after them. */
final class Label {
  private static final int UNKNOWN = -1;

  private final List<Integer> uses = new ArrayList<>();
  private int position = UNKNOWN;

  boolean placed() {
    return position != UNKNOWN;
  }

  int position() {
    return position;
  }

  void place(int here) {
    if (placed()) {
      throw new IllegalStateException("label placed twice, at " + position + " and " + here);
    }
    position = here;
  }

  /** Notes where a jump's distance stands, to be filled in once the label is placed. */
  void usedAt(int offset) {
    uses.add(offset);
  }

  List<Integer> uses() {
    return uses;
  }
}
