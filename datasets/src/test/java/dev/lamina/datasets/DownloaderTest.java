package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lamina.data.DataException;
import dev.lamina.random.Philox;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine that misbehaves in the ways servers do. */
class DownloaderTest {
  private static final String NAME = "file.bin";

  @TempDir Path folder;

  private final byte[] content = new byte[300_000];
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<Long> progress = Collections.synchronizedList(new ArrayList<>());
  private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
  private final DownloadListener listener =
      new DownloadListener() {
        @Override
        public void progress(String file, long bytes, long totalBytes) {
          assertEquals(NAME, file);
          assertEquals(content.length, totalBytes);
          progress.add(bytes);
        }

        @Override
        public void notice(String message) {
          notices.add(message);
        }
      };

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    Philox random = new Philox(1, 1);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.bits(0, i);
    }
    byte[] other = content.clone();
    other[1000] ^= 1;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    handle("/good", exchange -> sendFrom(exchange, content, true));
    handle("/no-ranges", exchange -> sendFrom(exchange, content, false));
    handle("/missing", exchange -> exchange.sendResponseHeaders(404, -1));
    handle("/page", exchange -> sendFrom(exchange, "<html>gone</html>".getBytes(), false));
    handle("/other", exchange -> sendFrom(exchange, other, true));
    handle("/breaks", exchange -> sendSome(exchange, 100_000));
    handle("/breaks-at-once", exchange -> sendSome(exchange, 0));
    handle("/endless", DownloaderTest::sendMuch);
    handle("/wrong-range", this::sendWrongRange);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void bringsTheFileOnceAndVerifiesIt() throws IOException {
    assertFetched("/good");
    assertEquals(List.of("/good"), requests);
    assertEquals(0L, progress.get(0));
    assertEquals(content.length, progress.get(progress.size() - 1));
    assertEquals(progress.stream().sorted().distinct().toList(), progress);
    assertFetched("/good");
    assertEquals(1, requests.size(), "what is there is not downloaded again");
  }

  @Test
  void goesOnWhereAnEarlierTryEnded() throws IOException {
    Files.write(folder.resolve(NAME + ".part"), Arrays.copyOf(content, 123_456));
    assertFetched("/good");
    assertEquals(List.of("/good bytes=123456-"), requests);
    assertEquals(123_456L, progress.get(0));
  }

  @Test
  void goesOnWhenTheConnectionBreaks() throws IOException {
    assertFetched("/breaks");
    assertEquals(List.of("/breaks", "/breaks bytes=100000-", "/breaks bytes=200000-"), requests);
  }

  @Test
  void beginsAgainWhenTheServerKnowsNoRanges() throws IOException {
    Files.write(folder.resolve(NAME + ".part"), new byte[5000]);
    assertFetched("/no-ranges");
    assertEquals(0L, progress.get(0));
  }

  @Test
  void aWrongBeginningIsDroppedAndFetchedAnew() throws IOException {
    Files.write(folder.resolve(NAME + ".part"), new byte[5000]);
    assertFetched("/good");
    assertEquals(List.of("/good bytes=5000-", "/good"), requests);
  }

  @Test
  void aBeginningLongerThanTheFileIsDropped() throws IOException {
    Files.write(folder.resolve(NAME + ".part"), new byte[content.length + 1]);
    assertFetched("/good");
    assertEquals(List.of("/good"), requests);
  }

  @Test
  void aCompleteBeginningNeedsNoServer() throws IOException {
    Files.write(folder.resolve(NAME + ".part"), content);
    assertFetched("/missing");
    assertEquals(List.of(), requests);
  }

  @Test
  void goesToTheNextMirrorWhenOneFails() throws IOException {
    for (String bad :
        List.of("/missing", "/page", "/other", "/endless", "/breaks-at-once", "/wrong-range")) {
      Files.deleteIfExists(folder.resolve(NAME));
      requests.clear();
      assertFetched(bad, "/good");
      assertEquals(
          List.of(bad, "/good"), requests.stream().map(r -> r.split(" ")[0]).distinct().toList());
    }
  }

  @Test
  void aDamagedCacheIsReplaced() throws IOException {
    Files.write(folder.resolve(NAME), new byte[content.length]);
    assertFetched("/good");
    assertEquals(List.of("/good"), requests);
  }

  @Test
  void saysWhatEachMirrorAnsweredAndWhatToDo() {
    String message =
        assertThrows(DataException.class, () -> fetch("/missing", "/page", "/other")).getMessage();
    for (String part :
        List.of(
            "cannot download file.bin of demo (",
            "/missing: HTTP status 404; ",
            "/page: has 17 bytes where 300000 are published; ",
            "/other: what it sent has another sha256 than published)",
            "put it into " + folder)) {
      assertTrue(message.contains(part), () -> "\"" + part + "\" is not in: " + message);
    }
    assertFalse(Files.exists(folder.resolve(NAME)));
    assertEquals(3, notices.size());
  }

  @Test
  void withoutAServerSaysSo() {
    server.stop(0);
    DataException failure = assertThrows(DataException.class, () -> fetch("/good"));
    assertTrue(failure.getMessage().contains("/good: Connection refused"), failure.getMessage());
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("occupied"));
    DataException failure =
        assertThrows(
            DataException.class,
            () -> new Downloader(listener).fetch(published("/good"), file.resolve("cache")));
    assertTrue(failure.getMessage().startsWith("cannot write " + file), failure.getMessage());
    assertTrue(failure.getMessage().endsWith("set LAMINA_HOME to a folder you may write"));
    assertEquals(List.of(), requests);
  }

  @Test
  void threadsThatWantTheSameFileDownloadItOnce() throws Exception {
    List<Future<Path>> results = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      results.add(threads.submit(() -> fetch("/good")));
    }
    for (Future<Path> result : results) {
      assertArrayEquals(content, Files.readAllBytes(result.get()));
    }
    assertEquals(List.of("/good"), requests);
  }

  /** The second process starts while the first is held up by the server. */
  @Test
  @Timeout(60)
  void processesThatWantTheSameFileDownloadItOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    handle(
        "/slow",
        exchange -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          sendFrom(exchange, content, true);
        });
    Process first = fetchElsewhere("/slow");
    Process second = null;
    try {
      asked.await();
      second = fetchElsewhere("/slow");
      try (BufferedReader heard = second.inputReader()) {
        assertEquals("waiting for another process that fills " + folder, heard.readLine());
        answer.countDown();
        assertEquals("fetched", heard.readLine());
      }
      assertEquals("fetched", first.inputReader().readLine());
    } finally {
      first.destroyForcibly();
      if (second != null) {
        second.destroyForcibly();
      }
    }
    assertEquals(List.of("/slow"), requests);
    assertArrayEquals(content, Files.readAllBytes(folder.resolve(NAME)));
  }

  @Test
  void anInterruptKeepsWhatHasArrived() throws IOException {
    DownloadListener interrupting =
        new DownloadListener() {
          @Override
          public void progress(String file, long bytes, long totalBytes) {
            Thread.currentThread().interrupt();
          }

          @Override
          public void notice(String message) {}
        };
    DataException failure =
        assertThrows(
            DataException.class,
            () -> new Downloader(interrupting).fetch(published("/good"), folder));
    assertTrue(Thread.interrupted());
    assertTrue(failure.getMessage().contains("was interrupted at "), failure.getMessage());
    long kept = Files.size(folder.resolve(NAME + ".part"));
    assertTrue(kept > 0 && kept < content.length, kept + " bytes");
    assertFetched("/good");
    assertEquals(List.of("/good", "/good bytes=" + kept + "-"), requests);
  }

  private void assertFetched(String... paths) throws IOException {
    assertEquals(folder.resolve(NAME), fetch(paths));
    assertArrayEquals(content, Files.readAllBytes(folder.resolve(NAME)));
    assertFalse(Files.exists(folder.resolve(NAME + ".part")));
  }

  private Process fetchElsewhere(String path) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            FetchProcess.class.getName(),
            published(path).mirrors().get(0).toString(),
            Integer.toString(content.length),
            Sha256.of(content),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private Path fetch(String... paths) {
    return new Downloader(listener).fetch(published(paths), folder);
  }

  private PublishedFile published(String... paths) {
    String base = "http://localhost:" + server.getAddress().getPort();
    List<URI> mirrors = Arrays.stream(paths).map(path -> URI.create(base + path)).toList();
    return new PublishedFile("demo", NAME, content.length, Sha256.of(content), "", mirrors);
  }

  private interface Answer {
    void send(HttpExchange exchange) throws IOException;
  }

  private void handle(String path, Answer answer) {
    server.createContext(
        path,
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(path + (range == null ? "" : " " + range));
          try (exchange) {
            answer.send(exchange);
          }
        });
  }

  private static void sendFrom(HttpExchange exchange, byte[] bytes, boolean ranges)
      throws IOException {
    int from = ranges ? start(exchange) : 0;
    sendHeaders(exchange, from, bytes.length);
    exchange.getResponseBody().write(bytes, from, bytes.length - from);
  }

  /** Breaks off after so many bytes of each answer. */
  private void sendSome(HttpExchange exchange, int bytes) throws IOException {
    int from = start(exchange);
    sendHeaders(exchange, from, content.length);
    exchange.getResponseBody().write(content, from, Math.min(bytes, content.length - from));
    exchange.getResponseBody().flush();
  }

  private static void sendMuch(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    for (int i = 0; i < 100; i++) {
      exchange.getResponseBody().write(new byte[1 << 16]);
    }
  }

  private void sendWrongRange(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Range", "bytes 7-299999/300000");
    exchange.sendResponseHeaders(206, content.length);
    exchange.getResponseBody().write(content);
  }

  private static void sendHeaders(HttpExchange exchange, int from, int total) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes " + from + "-" + (total - 1) + "/" + total);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, total - from);
  }

  private static int start(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null
        ? 0
        : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
  }
}
