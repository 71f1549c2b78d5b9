package dev.lamina.cuda;

import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The driver's events, used again once they have passed: a steady step makes none. Thread-safe. */
final class EventPool {
  private final Driver driver;
  private final Deque<Handle> idle = new ArrayDeque<>();
  private final List<Handle> all = new ArrayList<>();

  EventPool(Driver driver) {
    this.driver = driver;
  }

  synchronized Handle take() {
    Handle event = idle.pollFirst();
    if (event == null) {
      event = driver.event();
      all.add(event);
    }
    return event;
  }

  synchronized void giveBack(Handle event) {
    idle.addFirst(event);
  }

  /** Returns every event that was made. */
  synchronized List<Handle> all() {
    return List.copyOf(all);
  }
}
