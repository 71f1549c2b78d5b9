package dev.lamina.cpu.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LoaderPagesTest {
  @Test
  void theUnwrittenBeginningOfTheLibraryIsFoundAndNothingElse() {
    List<String> maps =
        List.of(
            "7f00-8f00 r--p 00000000 fe:00 12                         /a b/libdnnl.so.3",
            "8f00-9f00 r-xp 00001000 fe:00 12                         /a b/libdnnl.so.3",
            "9f00-af00 r--p 00002000 fe:00 12                         /a b/libdnnl.so.3",
            "af00-bf00 rw-p 00000000 fe:00 12                         /a b/libdnnl.so.3",
            "bf00-cf00 r--p 00000000 fe:00 13                         /a b/libother.so.3",
            "cf00-df00 rw-p 00000000 00:00 0 ",
            "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]");

    assertEquals(
        List.of(new LoaderPages.Tables(0x7f00, 0x1000)), LoaderPages.find(maps, "/libdnnl.so.3"));
  }

  /** Where linkers give tables a mapping of their own: for arm64 they share one with the code. */
  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void fewPagesOfTheTablesAreResidentOnceTheLibraryIsLoaded() throws IOException {
    OneDnn.load();

    List<LoaderPages.Tables> tables =
        LoaderPages.find(Files.readAllLines(Path.of("/proc/self/maps")), "/libdnnl.so.3");
    assertFalse(tables.isEmpty(), "the library's tables are no mapping of their own");
    for (LoaderPages.Tables each : tables) {
      long resident = resident(each);
      assertTrue(resident < each.bytes() / 2, resident + " of " + each.bytes() + " bytes");
    }
  }

  private static long resident(LoaderPages.Tables tables) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    String start = Long.toHexString(tables.address()) + "-";
    int at = 0;
    while (!lines.get(at).startsWith(start)) {
      at++;
    }
    while (!lines.get(at).startsWith("Rss:")) {
      at++;
    }
    return Long.parseLong(lines.get(at).replaceAll("\\D", "")) * 1024;
  }
}
