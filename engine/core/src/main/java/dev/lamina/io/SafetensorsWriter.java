package dev.lamina.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.lamina.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Writes tensors to a file in the safetensors format, piece by piece: no tensor need lie in memory
 * whole. The same tensors and metadata give the same bytes.
 *
 * <pre>{@code
 * new SafetensorsWriter()
 *     .metadata("step", "937")
 *     .tensor("fc.bias", StoredType.F32, Shape.of(10),
 *         (first, chunk) -> chunk.asFloatBuffer().put(bias, (int) first, chunk.remaining() / 4))
 *     .write(path);
 * }</pre>
 *
 * <p>A checksum of all tensors goes into the metadata under {@value SafetensorsHeader#CHECKSUM};
 * {@link SafetensorsReader} checks it.
 */
public final class SafetensorsWriter {
  /** Gives the elements of one tensor. */
  @FunctionalInterface
  public interface Source {
    /**
     * Fills the chunk from its position to its limit; where it leaves the position does not matter.
     *
     * @param first index of the first element to give, in row-major order
     * @param chunk little-endian, direct, a whole number of elements, at most 1 MiB
     */
    void fill(long first, ByteBuffer chunk) throws IOException;
  }

  private record Entry(String name, StoredType type, Shape shape, Source source) {
    long bytes() {
      return Math.multiplyExact(shape.elements(), (long) type.bytes());
    }
  }

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /** Adds a fact about the whole file; the reader gives it back as text. */
  public SafetensorsWriter metadata(String key, String value) {
    if (key.equals(SafetensorsHeader.CHECKSUM) || metadata.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("metadata \"" + key + "\" is given twice");
    }
    return this;
  }

  /** Adds a tensor, whose elements are asked for when the file is written. */
  public SafetensorsWriter tensor(String name, StoredType type, Shape shape, Source source) {
    SafetensorsHeader.checkName(name);
    if (!names.add(name)) {
      throw new IllegalArgumentException("tensor \"" + name + "\" is given twice");
    }
    entries.add(new Entry(name, type, shape, source));
    return this;
  }

  /**
   * Writes the file, replacing one that is there whole or not at all.
   *
   * @throws IOException if it cannot be written; the message names the file and the reason
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, this::writeTo);
  }

  private void writeTo(FileChannel channel) throws IOException {
    // Wide elements first keeps every tensor aligned to its element, as other readers like it.
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingInt((Entry entry) -> entry.type().bytes()).reversed());
    AtomicFile.writeFully(channel, header(ordered, 0));
    ByteBuffer chunk = ByteBuffer.allocateDirect(SafetensorsHeader.CHUNK_WORDS * Long.BYTES);
    chunk.order(ByteOrder.LITTLE_ENDIAN);
    CRC32C checksum = new CRC32C();
    for (Entry entry : ordered) {
      int size = entry.type().bytes();
      long elements = entry.shape().elements();
      long first = 0;
      while (first < elements) {
        int count = (int) Math.min(elements - first, chunk.capacity() / size);
        chunk.clear().limit(count * size);
        entry.source().fill(first, chunk);
        chunk.position(0).limit(count * size);
        checksum.update(chunk);
        AtomicFile.writeFully(channel, chunk.flip());
        first += count;
      }
    }
    channel.position(0);
    AtomicFile.writeFully(channel, header(ordered, checksum.getValue()));
  }

  /** The length in eight bytes and the JSON text, padded to keep the tensors aligned. */
  private ByteBuffer header(List<Entry> ordered, long checksum) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart(SafetensorsHeader.METADATA);
      json.writeStringField(SafetensorsHeader.CHECKSUM, SafetensorsHeader.checksum(checksum));
      for (Map.Entry<String, String> fact : metadata.entrySet()) {
        json.writeStringField(fact.getKey(), fact.getValue());
      }
      json.writeEndObject();
      long offset = 0;
      for (Entry entry : ordered) {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.type().name());
        json.writeFieldName("shape");
        json.writeArray(entry.shape().dims(), 0, entry.shape().rank());
        json.writeFieldName("data_offsets");
        long end = Math.addExact(offset, entry.bytes());
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    while (text.size() % Long.BYTES != 0) {
      text.write(' ');
    }
    if (text.size() > SafetensorsHeader.MAX_BYTES) {
      throw new IOException(
          "names and metadata take "
              + text.size()
              + " bytes, more than the "
              + SafetensorsHeader.MAX_BYTES
              + " that are read back");
    }
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + text.size());
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(text.size()).put(text.toByteArray());
    return bytes.flip();
  }
}
