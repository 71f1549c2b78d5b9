package dev.lamina.io;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names for what is kept in caches: hashes of what it depends on. */
public final class TextHash {
  private TextHash() {}

  /**
   * Returns the start of a text's SHA-256 in lower-case hexadecimal.
   *
   * @param bytes of the hash, two digits each; up to 32
   */
  public static String of(String text, int bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, bytes);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java platform has SHA-256", impossible);
    }
  }
}
