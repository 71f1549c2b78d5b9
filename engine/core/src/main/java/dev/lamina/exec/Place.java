package dev.lamina.exec;

/** Where a planned tensor lies. */
public sealed interface Place {
  /** Returns the distance from the start of the memory in bytes. */
  long offset();

  /** Returns this place, that many bytes further on. */
  Place plus(long bytes);

  /**
   * In memory of the plan.
   *
   * @param slab which of the plan's slabs
   */
  record Slab(int slab, long offset) implements Place {
    @Override
    public Place plus(long bytes) {
      return new Slab(slab, offset + bytes);
    }
  }

  /**
   * In memory that the plan is given when it is built, such as a model's parameters.
   *
   * @param key under which the buffer is handed over
   */
  record Bound(String key, long offset) implements Place {
    @Override
    public Place plus(long bytes) {
      return new Bound(key, offset + bytes);
    }
  }
}
