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
    Throwable first = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Throwable failure) {
        if (first == null) {
          first = failure;
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first instanceof Error error) {
      throw error;
    } else if (first instanceof RuntimeException unchecked) {
      throw unchecked;
    } else if (first != null) {
      throw new IllegalStateException("closing failed", first);
    }
  }
}
