package dev.lamina.cuda;

/** A call made ready: what its launches put into the compute stream. */
interface Work extends AutoCloseable {
  /** Returns the scratch bytes one launch needs; 0 for none. */
  long workspaceBytes();

  /**
   * Says whether the library that runs it makes up its mind, or loads code, when it first runs:
   * then it is run once on scratch memory, since a recording allows neither.
   */
  boolean warmsUp();

  /** Puts it into the compute stream. */
  void enqueue(Addresses operands);

  /** Releases what belongs to the call alone. */
  @Override
  void close();
}
