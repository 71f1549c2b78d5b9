package dev.lamina.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.StreamCorruptedException;

/**
 * How the coordinator and a worker talk: one record each way, serialized by the JDK. Both run the
 * same classes, and a JSON binding would add its own classes and garbage, some 10 MB, to the peak
 * memory of every engine.
 */
final class Wire {
  private Wire() {}

  /** Writes one record and flushes; the stream stays open. */
  static void write(OutputStream stream, Serializable message) throws IOException {
    ObjectOutputStream objects = new ObjectOutputStream(stream);
    objects.writeObject(message);
    objects.flush();
  }

  /**
   * Reads one record.
   *
   * @throws IOException if the stream holds anything else
   */
  static <T extends Serializable> T read(InputStream stream, Class<T> type) throws IOException {
    try {
      return type.cast(new ObjectInputStream(stream).readObject());
    } catch (ClassNotFoundException | ClassCastException e) {
      throw (IOException)
          new StreamCorruptedException("not a " + type.getSimpleName()).initCause(e);
    }
  }
}
