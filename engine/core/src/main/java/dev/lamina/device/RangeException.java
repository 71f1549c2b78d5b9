package dev.lamina.device;

import java.util.List;

/** A range of work-items that cannot be run; the message says why and what to give in its place. */
public final class RangeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<Long> global;
  private final transient List<Long> local;

  /** Makes the exception with a full sentence for the user and the sizes. */
  public RangeException(String message, List<Long> global, List<Long> local) {
    super(message);
    this.global = List.copyOf(global);
    this.local = List.copyOf(local);
  }

  /** Returns the work-items asked for, by dimension. */
  public List<Long> global() {
    return global;
  }

  /** Returns the work-items of a group asked for, by dimension; empty if none were given. */
  public List<Long> local() {
    return local;
  }
}
