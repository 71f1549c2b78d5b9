package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.io.IoReason;
import dev.lamina.random.Philox;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an archive can ask of its reader, memory above all, before it is refused. */
class TarFilesTest {
  private static final int MOST_BYTES = 1 << 20;

  @Test
  void takesNamesFromAttributes() throws IOException {
    String name = "a-long-name/".repeat(20) + "b";
    TarBytes tar = new TarBytes().entry("attributes", 'x', attribute("path", name));
    tar.file("short", new byte[700]).entry("@LongLink", 'L', name.getBytes());
    tar.file("short", new byte[0]);
    assertEquals(List.of(name, name), names(tar.bytes()));
    assertEquals(List.of("plain"), names(new TarBytes().file("plain", new byte[0]).bytes()));
  }

  @Test
  void refusesAttributesThatMisleadItsReader() {
    assertRefused("leads out of the archive", "path", "../escaped");
    assertRefused("is no plain file", "GNU.sparse.size", "10");
    assertRefused("a header in it is damaged", "size", "-1");
    assertRefused("a header in it is damaged", "size", "much");
    assertRefused("is truncated", "size", "5000");
    TarBytes sparse = new TarBytes().entry("sparse", 'S', new byte[0]);
    assertRefused("\"sparse\" is no plain file", sparse.bytes());
  }

  @Test
  void refusesHeadersThatFillTheMemory() {
    String most = "its headers take more than 256 KB";
    byte[] much = "n".repeat(BoundedInput.MOST_HEADER_BYTES + 1).getBytes();
    assertRefused(most, new TarBytes().entry("name", 'L', much).file("f", new byte[1]).bytes());
    assertRefused(most, new TarBytes().entry("link", 'K', much).file("f", new byte[1]).bytes());
    byte[] comment = attribute("comment", new String(much, StandardCharsets.US_ASCII));
    assertRefused(most, new TarBytes().entry("x", 'x', comment).file("f", new byte[1]).bytes());

    TarBytes kept = new TarBytes();
    for (int entry = 0; entry < 40; entry++) {
      // Attributes for the rest of the archive add up.
      kept.entry("g", 'g', attribute("a" + entry, "v".repeat(10_000)))
          .file("f" + entry, new byte[9]);
    }
    assertRefused(most, kept.bytes());
  }

  /** The library reads an entry's headers by recursion. */
  @Test
  void refusesEndlessChainsOfHeaders() {
    for (char type : new char[] {'x', 'g', 'L', 'K'}) {
      TarBytes chain = new TarBytes();
      for (int link = 0; link < 1000; link++) {
        chain.entry("chain", type, new byte[0]);
      }
      assertRefused("its headers take more than 256 KB", chain.bytes());
    }
  }

  @Test
  void refusesArchivesThatUnpackToTooMuch() {
    String most = "it unpacks to more than 1 MB";
    assertRefused(most, new TarBytes().file("large", new byte[MOST_BYTES]).bytes());
    byte[] tail = new TarBytes().file("small", new byte[3]).bytes();
    assertRefused(most, Arrays.copyOf(tail, MOST_BYTES + 1));
  }

  /** Whatever stands in headers and attributes: an answer, or an IOException. */
  @Test
  void noiseIsReadOrRefused() {
    Philox random = new Philox(11, 3);
    String[] keys = {
      "path",
      "size",
      "linkpath",
      "uid",
      "mtime",
      "GNU.sparse.map",
      "GNU.sparse.size",
      "GNU.sparse.major",
      "GNU.sparse.numblocks",
      "SCHILY.realsize",
      "SCHILY.devmajor",
      ""
    };
    String[] values = {
      "", "-1", "0", "1,2,3", "99999999999999999999", "1", "a", "9223372036854775807"
    };
    char[] types = {'0', '5', 'x', 'g', 'L', 'K', 'S', '7', 'X', 'D'};
    int refused = 0;
    for (int trial = 0; trial < 3000; trial++) {
      TarBytes tar = new TarBytes();
      for (int entry = 0; entry < 3; entry++) {
        byte[] content =
            attribute(
                keys[random.below(keys.length, trial, 10 * entry)],
                values[random.below(values.length, trial, 10 * entry + 1)]);
        tar.entry("e" + entry, types[random.below(types.length, trial, 10 * entry + 2)], content);
      }
      byte[] bytes = tar.file("last", new byte[600]).bytes();
      if (trial % 2 == 0) {
        bytes[random.below(512, trial, 40)] = (byte) random.below(256, trial, 41);
        TarBytes.sign(bytes, 0);
      }
      try {
        names(bytes);
      } catch (IOException clear) {
        assertTrue(
            clear.getMessage() == null || clear.getMessage().startsWith("it"), clear::toString);
        refused++;
      }
    }
    assertTrue(refused > 1000 && refused < 3000, refused + " refused");
  }

  /** A pax record, which begins with its own length. */
  private static byte[] attribute(String key, String value) {
    int rest = key.length() + value.length() + 3;
    int length = rest + Integer.toString(rest + Integer.toString(rest).length()).length();
    return (length + " " + key + "=" + value + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static void assertRefused(String part, String key, String value) {
    TarBytes tar = new TarBytes().entry("attributes", 'x', attribute(key, value));
    assertRefused(part, tar.file("file", new byte[10]).bytes());
  }

  private static void assertRefused(String part, byte[] archive) {
    IOException refused = assertThrows(IOException.class, () -> names(archive));
    String reason = IoReason.of(refused);
    assertTrue(reason.contains(part), () -> "\"" + part + "\" is not in: " + reason);
  }

  /** Reads every other file, so that both ways past a file are taken. */
  private static List<String> names(byte[] archive) throws IOException {
    InputStream in = new ByteArrayInputStream(archive);
    TarFiles tar = new TarFiles(in, MOST_BYTES);
    List<String> names = new ArrayList<>();
    byte[] buffer = new byte[100];
    for (Optional<String> name = tar.next(); name.isPresent(); name = tar.next()) {
      names.add(name.get());
      while (names.size() % 2 == 0 && tar.read(buffer) >= 0) {
        assertTrue(names.size() < 1000);
      }
    }
    assertEquals(0, in.available());
    return names;
  }
}
