package dev.freshet.assets;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Finds the digests that a text demands of what it loads (Subresource Integrity, section 3.1):
/// wherever they stand, in attributes, import maps, scripts or fields of policies. Reads piece by
/// piece; for one text.
final class Integrity {
  private static final int[] SIZES = {256, 384, 512};

  /// So much of a digest tells it from all others.
  private static final int TOLD_BY = 20;

  /// Longer than any digest, also where each of its signs is written as a reference.
  private static final int MOST = 700;

  private static final Pattern ESCAPE =
      Pattern.compile(
          "&#(\\d{2,3});|&#[xX]([0-9a-fA-F]{2});|\\\\x([0-9a-fA-F]{2})|\\\\u00([0-9a-fA-F]{2})");

  private final Consumer<String> found;
  private final Runnable unclear;
  private final StringBuilder digest = new StringBuilder();
  private int matched;
  private int size;

  /// @param found takes each digest, as [#of] names them
  /// @param unclear told when one is put together by a script, so that it can't be known
  Integrity(Consumer<String> found, Runnable unclear) {
    this.found = found;
    this.unclear = unclear;
  }

  void feed(byte[] piece) {
    int at = 0;
    while (at < piece.length) {
      if (matched > 1) {
        step(piece[at]);
        at++;
      } else {
        at = begins(piece, at);
      }
    }
  }

  /// Skips what is before the first two signs; gives where to go on.
  private int begins(byte[] piece, int from) {
    int end = piece.length;
    if (matched == 1 && (piece[from] | 0x20) == 'h') {
      matched = 2;
      return from + 1;
    }
    int at = Seek.pair(piece, from, end, 's', 'h');
    if (at < end) {
      matched = 2;
      return at + 2;
    }
    matched = (piece[end - 1] | 0x20) == 's' ? 1 : 0;
    return end;
  }

  private void step(int c) {
    if (matched == 7) {
      if (isOfDigest(c) && digest.length() < MOST) {
        digest.append((char) c);
        return;
      }
      take(c);
    }
    if (matched < 3 && (c | 0x20) == "sha".charAt(matched)) {
      matched++;
    } else if (matched >= 3 && matched < 6 && c >= '0' && c <= '9') {
      size = matched == 3 ? c - '0' : size * 10 + c - '0';
      matched++;
    } else if (matched == 6 && c == '-' && isSize(size)) {
      matched = 7;
      digest.setLength(0);
    } else {
      matched = (c | 0x20) == 's' ? 1 : 0;
    }
  }

  private static boolean isSize(int size) {
    return size == SIZES[0] || size == SIZES[1] || size == SIZES[2];
  }

  /// Signs of base64, and of the ways to write them in pages and scripts.
  private static boolean isOfDigest(int c) {
    return (c >= '0' && c <= '9') || Ascii.isLetter(c) || "+/=-_&#;\\".indexOf(c) >= 0;
  }

  /// The text has ended.
  void end() {
    if (matched == 7) {
      take(' ');
    }
    matched = 0;
  }

  private void take(int next) {
    matched = 0;
    String plain = plain(digest.toString());
    if (plain.length() >= TOLD_BY) {
      found.accept(size + plain.substring(0, TOLD_BY));
    } else if (plain.isEmpty() && "\"'`$".indexOf(next) >= 0) {
      unclear.run();
    }
  }

  private static String plain(String written) {
    String decoded =
        ESCAPE
            .matcher(written)
            .replaceAll(escape -> {
              for (int i = 1; i <= 4; i++) {
                if (escape.group(i) != null) {
                  char sign = (char) Integer.parseInt(escape.group(i), i == 1 ? 10 : 16);
                  return sign == '\\' || sign == '$' ? "" : String.valueOf(sign);
                }
              }
              return "";
            });
    return decoded.replace("\\", "").replace('-', '+').replace('_', '/');
  }

  /// The digests by which a text may demand that very content.
  static Set<String> of(byte[] content) {
    Set<String> out = new LinkedHashSet<>();
    for (int size : SIZES) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-" + size).digest(content);
        byte[] text = Base64.getEncoder().encode(hash);
        out.add(size + new String(text, 0, TOLD_BY, StandardCharsets.US_ASCII));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has it", e);
      }
    }
    return out;
  }
}
