package dev.lamina.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileSafetensorsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [] | 0 | is no JSON object
          `` | 0 | claims to be of 0 bytes
          {} {} | 0 | goes on after its end
          {} x | 0 | is not sound
          {"x" | 0 | is not sound
          {"x":1} | 0 | tensor "x" is no object
          {"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}} | 1 | has no name
          {"x":{"dtype":"U8","shape":[1]}} | 1 | lacks its dtype, shape or data_offsets
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[0]}} | 1 | lacks its dtype
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}} | 1 | a list of other things
          {"x":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}} | 1 | a list of other things
          {"x":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}} | 1 | is not sound
          {"x":{"dtype":"U8","shape":{},"data_offsets":[0,1]}} | 1 | lacks a list of numbers
          {"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}} | 0 | extent below 1
          {"x":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}} | 1 | extent below 1
          {"x":{"dtype":"Q4","shape":[1],"data_offsets":[0,1]}} | 1 | unknown dtype "Q4"
          {"x":{"dtype":1,"shape":[1],"data_offsets":[0,1]}} | 1 | unknown dtype ""
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"y":2}} | 1 | unknown field "y"
          {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,1]}} | 1 | takes 4 bytes
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}} | 0 | lies at -1 to 0
          {"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}} | 8 | it is cut short
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}} | 3 | 2 bytes after its last
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}} | 2 | follows a gap
          {"x":{"dtype":"U8","shape":[9999999999],"data_offsets":[0,9999999999]}} | 8 | cut short
          {"x":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}} | 1 | not sound
          {"x":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}} | 1 | larger
          {"x":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,0]}} | 1 | elements
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775807,1]}} | 1 | larger
          {"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"dtype":"I8"}} | 1 | is not sound
          {"__metadata__":{"a":1}} | 0 | metadata "a" is no text
          {"__metadata__":[]} | 0 | __metadata__ is no object
          {"__metadata__":{"crc32c":"00000001"}} | 0 | do not match their checksum
          {"x":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"x":{}} | 1 | is not sound
          """)
  void refusesWhatDoesNotFit(String header, int dataBytes, String reason) throws IOException {
    String text = header == null ? "" : header;
    Path file = Files.write(folder.resolve("x"), SafetensorsTest.bytes(text, dataBytes));
    FormatException refused =
        assertThrows(FormatException.class, () -> SafetensorsReader.open(file));
    String message = refused.getMessage();
    assertTrue(message.startsWith(file + " is damaged or no safetensors file: "), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesOverlaps() throws IOException {
    String header =
        "{'x':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
            + "'y':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}}";
    Path file = folder.resolve("x");
    Files.write(file, SafetensorsTest.bytes(header.replace('\'', '"'), 6));
    FormatException refused =
        assertThrows(FormatException.class, () -> SafetensorsReader.open(file));
    assertTrue(refused.getMessage().contains("tensor \"y\" overlaps"), refused.getMessage());
  }

  @Test
  void refusesHeadersLongerThanTheFileOrTheLimit() throws IOException {
    Path file = folder.resolve("x");
    for (long length : new long[] {-1, Long.MIN_VALUE, 3, 1L << 40}) {
      ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Files.write(file, bytes.put((byte) '{').put((byte) '}').array());
      assertThrows(FormatException.class, () -> SafetensorsReader.open(file));
    }
    Files.write(file, SafetensorsTest.bytes("{" + " ".repeat(17 << 20) + "}", 0));
    FormatException refused =
        assertThrows(FormatException.class, () -> SafetensorsReader.open(file));
    assertTrue(refused.getMessage().contains("claims to be"), refused.getMessage());
  }

  @Test
  void printsHostileNamesHarmlessly() throws IOException {
    String name = "\\u001b[31mred\\nline" + "x".repeat(500);
    String header = "{\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    Path file = Files.write(folder.resolve("x"), SafetensorsTest.bytes(header, 0));
    String message =
        assertThrows(FormatException.class, () -> SafetensorsReader.open(file)).getMessage();
    assertTrue(message.contains("tensor \"?[31mred?linexxx"), message);
    assertTrue(message.length() < 400, message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] whole = sound();
    Path file = folder.resolve("x");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThrows(FormatException.class, () -> SafetensorsReader.open(file), "at " + length);
    }
  }

  @Test
  void refusesOrSurvivesEveryFlippedBit() throws IOException {
    byte[] whole = sound();
    long dataStart = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] changed = whole.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      boolean accepted = accepts(changed);
      boolean inData = bit / 8 >= dataStart;
      assertTrue(!(accepted && inData), "bit " + bit + " of the data flipped unnoticed");
    }
  }

  @Test
  void refusesOrSurvivesRandomDamage() throws IOException {
    byte[] whole = sound();
    Random random = new Random(1);
    for (int round = 0; round < 1000; round++) {
      byte[] changed = whole.clone();
      for (int i = random.nextInt(8); i >= 0; i--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      accepts(changed);
    }
  }

  /** Reads everything; any outcome but success and a FormatException fails the test. */
  private boolean accepts(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("x"), bytes);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      for (StoredTensor tensor : reader.tensors().values()) {
        long[] seen = {0};
        reader.read(tensor.name(), (first, chunk) -> seen[0] += chunk.remaining());
        assertEquals(tensor.bytes(), seen[0]);
      }
      return true;
    } catch (FormatException refused) {
      assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
      return false;
    }
  }

  private byte[] sound() throws IOException {
    Path file = folder.resolve("sound");
    new SafetensorsWriter()
        .metadata("step", "12")
        .tensor("w", StoredType.F32, Shape.of(2, 3), (first, chunk) -> chunk.putFloat(0, 1.5f))
        .tensor("n", StoredType.I64, Shape.of(), (first, chunk) -> chunk.putLong(0, 42))
        .write(file);
    return Files.readAllBytes(file);
  }
}
