package dev.lamina.exec;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Holds what was opened while something larger is put together: closed in reverse order, unless all
 * went well and {@link #detach()} handed it over.
 */
public final class ResourceStack implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Adds a resource and returns it. */
  public <T extends AutoCloseable> T push(T resource) {
    open.push(resource);
    return resource;
  }

  /** Forgets all resources: they belong to what was put together. */
  public void detach() {
    open.clear();
  }

  /** Closes all resources, the last one first; a failure does not keep the others open. */
  @Override
  public void close() {
    RuntimeException first = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception failure) {
        RuntimeException wrapped =
            failure instanceof RuntimeException unchecked
                ? unchecked
                : new IllegalStateException("closing failed", failure);
        if (first == null) {
          first = wrapped;
        } else {
          first.addSuppressed(wrapped);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
