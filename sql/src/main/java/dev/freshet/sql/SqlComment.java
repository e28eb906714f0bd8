package dev.freshet.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tags that instrumentation appends to a statement as a comment: `/*a='b',c='d'*/` as the
/// sqlcommenter specification has it (percent-encoded, quotes escaped), or Marginalia's `/*a:b*/`.
/// Read from every comment before and behind the text; where a key comes twice, the last one
/// counts.
///
/// @param tags in the order they came
public record SqlComment(Map<String, String> tags) {
  private static final int MAX_TAGS = 64;
  private static final SqlComment NONE = new SqlComment(Map.of());

  /// The length of a traceparent of version 00.
  private static final int TRACEPARENT = 55;

  /// @param from and `to` as they were given to [Statement#read] with the same octets
  public static SqlComment of(byte[] sql, int from, int to, Statement statement) {
    if (statement.textFrom() == from && statement.textTo() == to) {
      return NONE;
    }
    Map<String, String> tags = new LinkedHashMap<>();
    read(sql, from, statement.textFrom(), tags);
    read(sql, statement.textTo(), to, tags);
    return tags.isEmpty() ? NONE : new SqlComment(tags);
  }

  /// The text with a space for each comment in it, for who goes by its words; the same array where
  /// there is none.
  public static byte[] without(byte[] sql) {
    if (!mayHaveComment(sql)) {
      return sql;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(sql.length);
    SqlLexer at = new SqlLexer(sql, 0, sql.length);
    while (at.next()) {
      switch (at.kind()) {
        case BLOCK_COMMENT, LINE_COMMENT -> out.write(' ');
        default -> out.write(sql, at.start(), at.end() - at.start());
      }
    }
    return out.size() == sql.length ? sql : out.toByteArray();
  }

  private static boolean mayHaveComment(byte[] sql) {
    for (int i = 1; i < sql.length; i++) {
      boolean isBlock = sql[i] == '*' && sql[i - 1] == '/';
      if (isBlock || (sql[i] == '-' && sql[i - 1] == '-')) {
        return true;
      }
    }
    return false;
  }

  private static void read(byte[] sql, int from, int to, Map<String, String> tags) {
    SqlLexer at = new SqlLexer(sql, from, to);
    while (at.next()) {
      if (at.kind() == SqlLexer.Kind.BLOCK_COMMENT) {
        Map<String, String> found = new Reader(sql, at.start() + 2, at.end() - 2).tags();
        if (found != null && tags.size() + found.size() <= MAX_TAGS) {
          found.forEach((key, value) -> {
            tags.remove(key);
            tags.put(key, value);
          });
        }
      }
    }
  }

  /// The trace-id of the W3C `traceparent` tag: 32 hexadecimal digits; null without a valid one.
  public @Nullable String traceId() {
    String parent = tags.get("traceparent");
    if (parent == null || !isTraceparent(parent)) {
      return null;
    }
    String trace = parent.substring(3, 35);
    boolean isZero = isZero(trace) || isZero(parent.substring(36, 52));
    return isZero ? null : trace;
  }

  /// Later versions may be longer, but begin alike (W3C Trace Context, section 3.2.4).
  private static boolean isTraceparent(String text) {
    if (text.length() < TRACEPARENT) {
      return false;
    }
    for (int i = 0; i < TRACEPARENT; i++) {
      char c = text.charAt(i);
      boolean isDash = i == 2 || i == 35 || i == 52;
      boolean isHex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (isDash ? c != '-' : !isHex) {
        return false;
      }
    }
    if (text.startsWith("ff")) {
      return false;
    }
    return text.length() == TRACEPARENT
        || (!text.startsWith("00") && text.charAt(TRACEPARENT) == '-');
  }

  private static boolean isZero(String hex) {
    return hex.chars().allMatch(c -> c == '0');
  }

  /// Reads one comment; any that is not tags throughout is prose.
  private static final class Reader {
    private final byte[] sql;
    private final int to;
    private int at;

    Reader(byte[] sql, int from, int to) {
      this.sql = sql;
      this.at = from;
      this.to = to;
    }

    @Nullable Map<String, String> tags() {
      Map<String, String> tags = new LinkedHashMap<>();
      blank();
      while (at < to) {
        int keyFrom = at;
        while (at < to && isKey(sql[at])) {
          at++;
        }
        int keyTo = at;
        blank();
        if (keyTo == keyFrom || at >= to || (sql[at] != '=' && sql[at] != ':')) {
          return null;
        }
        at++;
        blank();
        String value = at < to && sql[at] == '\'' ? quoted() : bare();
        if (value == null || tags.size() >= MAX_TAGS) {
          return null;
        }
        tags.put(decoded(sql, keyFrom, keyTo), value);
        blank();
        if (at < to && sql[at++] != ',') {
          return null;
        }
        blank();
      }
      return tags;
    }

    private static boolean isKey(byte c) {
      return c < 0
          || (c >= '0' && c <= '9')
          || (SqlLexer.lower(c) >= 'a' && SqlLexer.lower(c) <= 'z')
          || "_-.%~/".indexOf(c) >= 0;
    }

    private void blank() {
      while (at < to && sql[at] >= 0 && sql[at] <= ' ') {
        at++;
      }
    }

    private String bare() {
      int from = at;
      while (at < to && sql[at] != ',') {
        at++;
      }
      return new String(sql, from, at - from, StandardCharsets.UTF_8).strip();
    }

    private @Nullable String quoted() {
      ByteArrayOutputStream value = new ByteArrayOutputStream(64);
      for (at++; at < to; at++) {
        byte c = sql[at];
        if (c == '\'') {
          at++;
          byte[] octets = value.toByteArray();
          return decoded(octets, 0, octets.length);
        }
        if (c == '\\' && at + 1 < to) {
          at++;
        }
        value.write(sql[at]);
      }
      return null;
    }

    private static String decoded(byte[] octets, int from, int to) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(to - from);
      for (int i = from; i < to; i++) {
        int high = octets[i] == '%' && i + 2 < to ? Character.digit(octets[i + 1], 16) : -1;
        int low = high >= 0 ? Character.digit(octets[i + 2], 16) : -1;
        if (low >= 0) {
          out.write(high << 4 | low);
          i += 2;
        } else {
          out.write(octets[i]);
        }
      }
      return out.toString(StandardCharsets.UTF_8);
    }
  }
}
