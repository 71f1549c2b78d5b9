package dev.lamina.cpu.onednn;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives back the pages of a library that only the system's loader reads.
 *
 * <p>oneDNN exports 77,000 names, and binding them reads 14 MB of symbol and relocation tables that
 * stay resident although hardly any is read again: an eighth of what a process that trains LeNet-5
 * holds. They are unchanged pages of a file; what is read again, comes again. Linux only, where a
 * library's tables are a mapping of their own that nothing writes to; elsewhere nothing happens.
 * See {@code docs/decisions/0020-loader-pages.md}.
 */
final class LoaderPages {
  /** A line of {@code /proc/self/maps}: addresses, rights, offset, device, inode, path. */
  private static final Pattern MAPPING =
      Pattern.compile("(\\p{XDigit}+)-(\\p{XDigit}+) (\\S+) (\\p{XDigit}+) \\S+ \\d+\\s+(\\S.*)");

  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final int MADV_DONTNEED = 4;

  private LoaderPages() {}

  /** The part of a library that holds its tables, as it lies in memory. */
  record Tables(long address, long bytes) {}

  /**
   * Finds a library's tables among a process's mappings: the file's beginning, where it can only be
   * read. Linkers put nothing there that is written when the library is loaded.
   *
   * @param file the end of the library's path, such as {@code /libdnnl.so.3}
   */
  static List<Tables> find(List<String> maps, String file) {
    return maps.stream()
        .map(MAPPING::matcher)
        .filter(Matcher::matches)
        .filter(line -> line.group(3).equals("r--p") && line.group(5).endsWith(file))
        .filter(line -> Long.parseUnsignedLong(line.group(4), 16) == 0)
        .map(LoaderPages::tables)
        .toList();
  }

  private static Tables tables(Matcher line) {
    long start = Long.parseUnsignedLong(line.group(1), 16);
    return new Tables(start, Long.parseUnsignedLong(line.group(2), 16) - start);
  }

  /**
   * Gives back the pages of a loaded library's tables. Where the system does not tell or refuses
   * they stay resident, which costs memory alone.
   *
   * @param file as for {@link #find}
   */
  static void giveBack(String file) {
    List<String> maps;
    try {
      maps = Files.readAllLines(MAPS);
    } catch (IOException noLinux) {
      return;
    }
    for (Tables tables : find(maps, file)) {
      Object[] arguments = {new Pointer(tables.address), tables.bytes, MADV_DONTNEED};
      NativeLibrary.getProcess().getFunction("madvise").invokeInt(arguments);
    }
  }
}
