package dev.lamina.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads tensors from a file in the safetensors format, piece by piece: no tensor need fit in
 * memory.
 *
 * <p>Opening checks everything the file claims: lengths, offsets, names, types, and the checksum if
 * there is one. A file that fails any of it is refused whole. Not thread-safe.
 */
public final class SafetensorsReader implements AutoCloseable {
  /** Takes the elements of one tensor. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes the elements from the chunk's position to its limit.
     *
     * @param first index of the first element given, in row-major order
     * @param chunk little-endian, read-only, a whole number of elements; only valid during the call
     */
    void take(long first, ByteBuffer chunk) throws IOException;
  }

  private final Path file;
  private final FileChannel channel;
  private final long fileBytes;
  private final ByteBuffer chunk;
  private Map<String, String> metadata;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private SafetensorsReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.fileBytes = channel.size();
    // A whole number of elements of every type, for small files no more than they need.
    long capacity = Math.min(fileBytes / Long.BYTES + 1, SafetensorsHeader.CHUNK_WORDS);
    this.chunk = ByteBuffer.allocateDirect((int) capacity * Long.BYTES);
    chunk.order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Opens a file and checks it.
   *
   * @throws FormatException if it is damaged or no safetensors file
   * @throws IOException if it cannot be read; the message names the file and the reason
   */
  public static SafetensorsReader open(Path file) throws IOException {
    SafetensorsReader reader;
    try {
      // Opening a pipe would wait for ever, reading a folder fails without a reason.
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new IOException("it is no regular file");
      }
      reader = new SafetensorsReader(file, FileChannel.open(file, StandardOpenOption.READ));
    } catch (IOException failure) {
      throw new IOException("cannot read " + file + ": " + IoReason.of(failure), failure);
    }
    try {
      reader.readHeader();
      return reader;
    } catch (IOException | RuntimeException | Error failure) {
      try (reader) {
        throw failure;
      }
    }
  }

  /** Returns the facts about the whole file, in its order. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Returns the tensors by name, as they lie in the file. */
  public Map<String, StoredTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Reads a tensor in chunks of at most 1 MiB.
   *
   * @param name one of {@link #tensors()}
   * @throws FormatException if the file has no such tensor
   * @throws IOException if reading fails, or the sink does
   */
  public void read(String name, Sink sink) throws IOException {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new FormatException(file + " has no tensor \"" + name + "\"");
    }
    int size = tensor.type().bytes();
    long elements = tensor.shape().elements();
    for (long first = 0; first < elements; first += chunk.capacity() / size) {
      int count = (int) Math.min(elements - first, chunk.capacity() / size);
      fill(tensor.offset() + first * size, count * size);
      sink.take(first, chunk.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void readHeader() throws IOException {
    if (fileBytes < Long.BYTES) {
      throw damaged("it has only " + fileBytes + " bytes");
    }
    fill(0, Long.BYTES);
    long length = chunk.getLong(0);
    if (length < 2 || length > Math.min(SafetensorsHeader.MAX_BYTES, fileBytes - Long.BYTES)) {
      throw damaged(
          ("its header claims to be of " + Long.toUnsignedString(length))
              + (" bytes, the file has " + fileBytes));
    }
    byte[] text = new byte[(int) length];
    for (int done = 0; done < text.length; done += chunk.limit()) {
      fill(Long.BYTES + done, Math.min(text.length - done, chunk.capacity()));
      chunk.get(text, done, chunk.limit());
    }
    long start = Long.BYTES + length;
    SafetensorsHeader header;
    try {
      header = SafetensorsHeader.parse(text, start, fileBytes);
    } catch (FormatException wrong) {
      throw damaged(wrong.getMessage());
    }
    metadata = header.metadata();
    header.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    String expected = metadata.get(SafetensorsHeader.CHECKSUM);
    if (expected != null && !expected.equals(checksum(start))) {
      throw damaged("its tensors do not match their checksum");
    }
  }

  private String checksum(long start) throws IOException {
    CRC32C checksum = new CRC32C();
    for (long offset = start; offset < fileBytes; offset += chunk.limit()) {
      fill(offset, (int) Math.min(fileBytes - offset, chunk.capacity()));
      checksum.update(chunk.duplicate());
    }
    return SafetensorsHeader.checksum(checksum.getValue());
  }

  /** Reads so many bytes from the offset into the chunk, which then spans just them. */
  private void fill(long offset, int bytes) throws IOException {
    chunk.clear().limit(bytes);
    while (chunk.hasRemaining()) {
      int read;
      try {
        read = channel.read(chunk, offset + chunk.position());
      } catch (IOException failure) {
        throw new IOException("cannot read " + file + ": " + IoReason.of(failure), failure);
      }
      if (read < 0) {
        throw damaged("it became shorter while it was read");
      }
    }
    chunk.flip();
  }

  private FormatException damaged(String what) {
    return new FormatException(
        file + " is damaged or no safetensors file: " + what + "; take another copy of it");
  }
}
