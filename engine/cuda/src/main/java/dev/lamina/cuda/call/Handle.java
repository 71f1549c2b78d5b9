package dev.lamina.cuda.call;

/** Something of a library's that must be destroyed by the interface that made it. */
public final class Handle {
  private final String kind;
  private final Object content;

  /**
   * Makes a handle.
   *
   * @param kind for messages: {@code stream}, {@code graph}
   * @param content what the implementation keeps in it
   */
  public Handle(String kind, Object content) {
    this.kind = kind;
    this.content = content;
  }

  /**
   * Returns what the implementation keeps in it.
   *
   * @throws ClassCastException if another implementation made the handle
   */
  public <T> T as(Class<T> type) {
    return type.cast(content);
  }

  @Override
  public String toString() {
    return kind;
  }
}
