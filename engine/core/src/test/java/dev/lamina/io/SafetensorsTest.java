package dev.lamina.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatWasWritten() throws IOException {
    Path file = folder.resolve("last.safetensors");
    float[] weights = new float[600_000]; // more than two chunks
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i * 0.25f - 7;
    }
    weights[3] = Float.NaN;
    weights[4] = -0f;
    new SafetensorsWriter()
        .metadata("step", "937")
        .metadata("note", "\"quoted\" and ümlaut")
        .tensor(
            "seen", StoredType.U8, Shape.of(3), (first, chunk) -> chunk.put(new byte[] {7, 8, 9}))
        .tensor("conv.weight", StoredType.F32, Shape.of(6, 100_000), floats(weights))
        .tensor("step", StoredType.I64, Shape.of(), (first, chunk) -> chunk.putLong(1L << 40))
        .write(file);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertEquals("937", reader.metadata().get("step"));
      assertEquals("\"quoted\" and ümlaut", reader.metadata().get("note"));
      assertEquals(
          List.of("step", "conv.weight", "seen"), new ArrayList<>(reader.tensors().keySet()));
      assertEquals(Shape.of(6, 100_000), reader.tensors().get("conv.weight").shape());
      assertEquals(0, reader.tensors().get("step").offset() % 8);
      assertArrayEquals(weights, readFloats(reader, "conv.weight"));
      reader.read("step", (first, chunk) -> assertEquals(1L << 40, chunk.getLong()));
      reader.read("seen", (first, chunk) -> assertEquals(9, chunk.get(2)));
    }
  }

  @Test
  void writesTheSameBytesForTheSameTensors() throws IOException {
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    for (Path file : List.of(one, other)) {
      new SafetensorsWriter()
          .metadata("a", "b")
          .tensor("x", StoredType.F32, Shape.of(2), floats(new float[] {1, 2}))
          .write(file);
    }
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(other));
  }

  @Test
  void writesTheDocumentedForm() throws IOException {
    Path file = folder.resolve("tiny");
    new SafetensorsWriter()
        .tensor("x", StoredType.F32, Shape.of(2), floats(new float[] {1, -2}))
        .write(file);
    String text =
        "{\"__metadata__\":{\"crc32c\":\"aa36f2c9\"},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    ByteBuffer expected = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    int padded = (text.length() + 7) / 8 * 8;
    expected.putLong(padded).put(text.getBytes(StandardCharsets.US_ASCII));
    while (expected.position() < 8 + padded) {
      expected.put((byte) ' ');
    }
    expected.putFloat(1).putFloat(-2);
    byte[] bytes = new byte[expected.position()];
    expected.flip().get(bytes);
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void readsFilesOfOthers() throws IOException {
    Path file =
        file(
            "{\"b\":{\"data_offsets\":[8,10],\"shape\":[1],\"dtype\":\"BF16\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}   ",
            10);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertEquals(Map.of(), reader.metadata());
      assertEquals("[a F32[2,1], b BF16[1]]", reader.tensors().values().toString());
      assertArrayEquals(new float[2], readFloats(reader, "a"));
      assertThrows(FormatException.class, () -> reader.read("c", (first, chunk) -> {}));
    }
  }

  @Test
  void readsAFileWithoutTensors() throws IOException {
    try (SafetensorsReader reader = SafetensorsReader.open(file("{}", 0))) {
      assertEquals(Map.of(), reader.tensors());
    }
  }

  @Test
  void keepsTheOldFileWhenASourceFails() throws IOException {
    Path file = folder.resolve("last.safetensors");
    new SafetensorsWriter()
        .tensor("x", StoredType.F32, Shape.of(1), floats(new float[] {5}))
        .write(file);
    SafetensorsWriter failing =
        new SafetensorsWriter()
            .tensor("x", StoredType.F32, Shape.of(1), floats(new float[] {6}))
            .tensor(
                "y",
                StoredType.F32,
                Shape.of(1),
                (first, chunk) -> {
                  throw new IOException("No space left on device");
                });
    IOException full = assertThrows(IOException.class, () -> failing.write(file));
    assertTrue(full.getMessage().endsWith("(the file there is unchanged)"), full.getMessage());
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertArrayEquals(new float[] {5}, readFloats(reader, "x"));
    }
  }

  @Test
  void refusesNamesThatCannotBeReadBack() {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.tensor("x", StoredType.U8, Shape.of(1), (first, chunk) -> {});
    for (String name : List.of("x", "", "__metadata__", "n".repeat(1001))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> writer.tensor(name, StoredType.U8, Shape.of(1), (first, chunk) -> {}));
    }
    assertThrows(IllegalArgumentException.class, () -> writer.metadata("crc32c", "0"));
    writer.metadata("k", "v");
    assertThrows(IllegalArgumentException.class, () -> writer.metadata("k", "w"));
  }

  @Test
  void saysWhichFileCannotBeRead() {
    Path missing = folder.resolve("missing");
    IOException failure = assertThrows(IOException.class, () -> SafetensorsReader.open(missing));
    assertEquals("cannot read " + missing + ": no such file or folder", failure.getMessage());
    failure = assertThrows(IOException.class, () -> SafetensorsReader.open(folder));
    assertEquals("cannot read " + folder + ": it is no regular file", failure.getMessage());
  }

  private Path file(String header, int dataBytes) throws IOException {
    return Files.write(folder.resolve("file"), bytes(header, dataBytes));
  }

  static byte[] bytes(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + dataBytes);
    return file.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array();
  }

  private static SafetensorsWriter.Source floats(float[] values) {
    return (first, chunk) ->
        chunk.asFloatBuffer().put(values, (int) first, chunk.remaining() / Float.BYTES);
  }

  private static float[] readFloats(SafetensorsReader reader, String name) throws IOException {
    float[] values = new float[(int) reader.tensors().get(name).shape().elements()];
    reader.read(
        name,
        (first, chunk) ->
            chunk.asFloatBuffer().get(values, (int) first, chunk.remaining() / Float.BYTES));
    return values;
  }
}
