package dev.freshet.assets;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What pages need of style sheets to be shown as they come. Each sheet is taken apart once;
/// forgets what was not asked for the longest.
final class Sheets {
  private static final int MAX_OCTETS = 1 << 20;
  private static final long MAX_TOTAL = 8 << 20;
  private static final int MAX_SHEETS = 1_000;

  /// More than this in a page costs more than a request for the sheet.
  private static final int MAX_USED = 24_000;

  private final Map<String, Sheet> known = new LinkedHashMap<>(64, 0.75f, true);
  private long total;

  /// @param length in characters
  /// @param rules none for a sheet that is not understood
  private record Sheet(int length, Optional<StyleRules> rules) {}

  /// What a page with these names needs of a sheet; null where that can't be told, or is so much
  /// that the sheet itself is the better way.
  ///
  /// @param url absolute
  /// @param name of its content: under one name the content is always the same
  /// @param page as [ElementNames] tells them
  @Nullable String used(String url, String name, byte[][] content, Set<String> page) {
    Sheet sheet = sheet(url + " " + name, content);
    StyleRules rules = sheet.rules().orElse(null);
    if (rules == null || page.isEmpty()) {
      return null;
    }
    PageAddress address = new PageAddress(url);
    String used = rules.used(page, address::resolve);
    boolean isLittle =
        used != null && used.length() <= MAX_USED && used.length() <= sheet.length() / 2;
    return isLittle ? used : null;
  }

  private Sheet sheet(String key, byte[][] content) {
    synchronized (known) {
      Sheet found = known.get(key);
      if (found != null) {
        return found;
      }
    }
    String text = text(content);
    Sheet made =
        new Sheet(
            text == null ? 0 : text.length(),
            Optional.ofNullable(text == null ? null : StyleRules.of(text)));
    synchronized (known) {
      Sheet other = known.put(key, made);
      total += made.length() - (other == null ? 0 : other.length());
      var eldest = known.values().iterator();
      while (total > MAX_TOTAL || known.size() > MAX_SHEETS) {
        total -= eldest.next().length();
        eldest.remove();
      }
    }
    return made;
  }

  /// Null for what is not in UTF-8 or too large.
  private static @Nullable String text(byte[][] content) {
    byte[] octets = Contents.whole(content);
    if (octets.length > MAX_OCTETS) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
