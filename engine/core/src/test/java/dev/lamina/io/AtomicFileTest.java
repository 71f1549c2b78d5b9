package dev.lamina.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void writesAndReplaces() throws IOException {
    Path file = folder.resolve("state.json");
    AtomicFile.write(file, "old".getBytes());
    AtomicFile.write(file, "newer".getBytes());
    assertEquals("newer", Files.readString(file));
    assertEquals(List.of(file), files());
  }

  @Test
  void keepsTheOldContentWhenTheDiskIsFull() throws IOException {
    Path file = folder.resolve("state.json");
    Files.writeString(file, "old");
    IOException full =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        "cannot write " + file + ": No space left on device (the file there is unchanged)",
        full.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), files());
  }

  @Test
  void leavesNothingBehindWhenTheContentFails() throws IOException {
    Path file = folder.resolve("state.json");
    assertThrows(
        IllegalStateException.class,
        () ->
            AtomicFile.write(
                file,
                channel -> {
                  throw new IllegalStateException("device lost");
                }));
    assertEquals(List.of(), files());
  }

  @Test
  void saysWhyAFolderCannotBeWritten() {
    Path file = folder.resolve("missing").resolve("state.json");
    IOException missing =
        assertThrows(IOException.class, () -> AtomicFile.write(file, new byte[1]));
    assertEquals("cannot write " + file + ": no such file or folder", missing.getMessage());
  }

  @Test
  void doesNotReplaceAFolder() throws IOException {
    Path inner = Files.createDirectories(folder.resolve("state.json").resolve("inner"));
    assertThrows(IOException.class, () -> AtomicFile.write(inner.getParent(), new byte[1]));
    assertTrue(Files.isDirectory(inner));
    assertEquals(List.of(inner.getParent()), files());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
