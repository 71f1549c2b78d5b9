package dev.lamina.cpu;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** A source of samples, which may be larger than one view, seen row by row. */
final class SourceRows {
  private static final int VIEW_BYTES = 1 << 30;

  private final ByteBuffer[] views;
  private final FloatBuffer[] floats;
  private final int perView;
  private final int rowBytes;

  SourceRows(CpuBuffer source, long rowBytes) {
    this.rowBytes = Math.toIntExact(rowBytes);
    perView = Math.max(1, VIEW_BYTES / this.rowBytes);
    long viewBytes = (long) perView * rowBytes;
    views = new ByteBuffer[Math.toIntExact((source.bytes() + viewBytes - 1) / viewBytes)];
    floats = new FloatBuffer[views.length];
    for (int i = 0; i < views.length; i++) {
      long from = i * viewBytes;
      views[i] = source.slice(from, Math.min(viewBytes, source.bytes() - from)).view();
      floats[i] = views[i].asFloatBuffer();
    }
  }

  /** Lends the view that holds a row. */
  ByteBuffer view(int row) {
    return views[row / perView];
  }

  /** Lends the view that holds a row, as floats. */
  FloatBuffer floats(int row) {
    return floats[row / perView];
  }

  /** Returns the bytes before a row in its view. */
  int offset(int row) {
    return row % perView * rowBytes;
  }
}
