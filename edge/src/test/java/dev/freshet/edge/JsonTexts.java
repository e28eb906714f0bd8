package dev.freshet.edge;

import dev.freshet.base.Rolls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Random JSON, sound and spoilt, for tests.
final class JsonTexts {
  private static final List<String> SCALARS =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "12",
          "-7.25",
          "1e9",
          "2E-3",
          "0.5e+10",
          "\"\"",
          "\"plain\"",
          "\"a \\\"quoted\\\" one, with ] and } and ,\"",
          "\"\\u00e9\\n\\t\\/\\\\\"",
          "\"grüße\"",
          "\"日本\"",
          "\"😀\"",
          "\"\\ud83d\\ude00\"",
          "123456789012345678901234567890");

  private static final String SPOILERS = "{}[],:\"\\ \n\t0123456789-+.eEtfnu\u0001ax/'";

  private final Rolls rolls;

  JsonTexts(Rolls rolls) {
    this.rolls = rolls;
  }

  String value(int depth) {
    int kind = depth == 0 ? 0 : rolls.between(0, 5);
    return switch (kind) {
      case 4 -> array(depth);
      case 5 -> object(depth);
      default -> rolls.oneOf(SCALARS);
    };
  }

  String array(int depth) {
    List<String> elements = new ArrayList<>();
    for (int i = rolls.between(0, 6); i > 0; i--) {
      elements.add(space() + value(depth - 1) + space());
    }
    return "[" + (elements.isEmpty() ? space() : String.join(",", elements)) + "]";
  }

  private String object(int depth) {
    List<String> members = new ArrayList<>();
    for (int i = rolls.between(0, 4); i > 0; i--) {
      String name = rolls.oneOf(List.of("\"id\"", "\"items\"", "\"a\\tb\"", "\"\"", "\"ü\""));
      members.add(space() + name + space() + ":" + space() + value(depth - 1) + space());
    }
    return "{" + (members.isEmpty() ? space() : String.join(",", members)) + "}";
  }

  String space() {
    return rolls.chance(0.8) ? "" : rolls.oneOf(List.of(" ", "\n", "\r\n\t", "  "));
  }

  /// One octet more, one fewer, or another one.
  byte[] spoilt(byte[] text) {
    int at = rolls.between(0, text.length - 1);
    char other = SPOILERS.charAt(rolls.between(0, SPOILERS.length() - 1));
    String left = new String(text, 0, at, StandardCharsets.ISO_8859_1);
    int skip = rolls.between(0, 1);
    String right =
        new String(text, at + skip, text.length - at - skip, StandardCharsets.ISO_8859_1);
    String middle = rolls.chance(0.7) ? String.valueOf(other) : "";
    return (left + middle + right).getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The same in pieces of any length, empty ones too.
  byte[][] pieces(byte[] text) {
    List<byte[]> out = new ArrayList<>();
    int at = 0;
    while (at < text.length) {
      int many = Math.min(text.length - at, rolls.between(0, rolls.chance(0.5) ? 3 : 40));
      out.add(Arrays.copyOfRange(text, at, at + many));
      at += many;
    }
    return out.toArray(new byte[0][]);
  }
}
