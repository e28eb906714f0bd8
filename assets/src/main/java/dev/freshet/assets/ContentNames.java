package dev.freshet.assets;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names of files that change with what is in them.
final class ContentNames {
  /// As esbuild writes it.
  private static final Pattern HASHED = Pattern.compile("^(.*-)([A-Z2-7]{8})(\\.[a-z]+)$");

  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private ContentNames() {}

  /// `photo.jpg` to `photo-4f0c2a91be.jpg`.
  static String named(String name, byte[] octets) {
    int dot = name.lastIndexOf('.') < 0 ? name.length() : name.lastIndexOf('.');
    String hash = HexFormat.of().formatHex(digest("SHA-256", octets), 0, 5);
    return name.substring(0, dot) + "-" + hash + name.substring(dot);
  }

  /// Another name for a script that has had these names put in; the same when it has no such name.
  static String renamed(String file, Set<String> within) {
    Matcher name = HASHED.matcher(file);
    if (!name.matches()) {
      return file;
    }
    String all = file + "\n" + String.join("\n", within);
    byte[] digest = digest("SHA-256", all.getBytes(StandardCharsets.UTF_8));
    StringBuilder hash = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      hash.append(LETTERS.charAt(digest[i] & 31));
    }
    return name.group(1) + hash + name.group(3);
  }

  static byte[] digest(String name, byte[] octets) {
    try {
      return MessageDigest.getInstance(name).digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + name, e);
    }
  }
}
