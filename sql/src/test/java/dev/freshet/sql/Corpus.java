package dev.freshet.sql;

import dev.freshet.base.Rolls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The statements of `statements.sql`, and texts that say the same in another way.
final class Corpus {
  private Corpus() {}

  /// A line each; one that begins with a bar goes on with the line before.
  static List<String> statements() {
    try (InputStream in = Corpus.class.getResourceAsStream("/statements.sql")) {
      if (in == null) {
        throw new IllegalStateException("statements.sql is not on the class path");
      }
      List<String> out = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (line.startsWith("|")) {
          out.add(out.removeLast() + "\n" + line.substring(1));
        } else if (!line.isBlank()) {
          out.add(line);
        }
      }
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same statement with other layout, other case of words and other constants, cut along the
  /// oracle's tokens.
  static String variant(Oracle.Answer answer, Rolls rolls) {
    StringBuilder out = new StringBuilder(rolls.chance(0.2) ? "/* lead */ " : "");
    List<Oracle.Token> tokens = answer.tokens();
    String before = "";
    for (int i = 0; i < tokens.size(); i++) {
      Oracle.Token token = tokens.get(i);
      String text = Oracle.slice(answer.sql(), token.start(), token.end());
      if (token.name().endsWith("_COMMENT")) {
        continue;
      }
      if (i > 0) {
        boolean isString = text.endsWith("'") || text.endsWith("$");
        boolean mayTouch = "(),;".contains(text) || "(),;".contains(before);
        out.append(mayTouch && rolls.chance(0.5) ? "" : isString ? " " : gap(rolls));
      }
      boolean isPosition = before.equalsIgnoreCase("by") || before.equals(",");
      if (token.name().equals("SCONST") && !before.equalsIgnoreCase("uescape")) {
        text = constant(text, rolls);
      } else if (token.name().equals("ICONST") && !isPosition) {
        text = rolls.oneOf(List.of("7", "1234567", "0x1F", "1_000"));
      } else if (isWord(text)) {
        text = rolls.chance(0.3) ? upper(text) : text;
      }
      out.append(text);
      before = text;
    }
    return out + (rolls.chance(0.2) ? " -- tail" : "") + (rolls.chance(0.2) ? "\n;" : "");
  }

  private static String constant(String text, Rolls rolls) {
    boolean isMeant = text.startsWith("'") && !text.contains("\n");
    return isMeant ? rolls.oneOf(List.of("'other'", "''", "'it''s'", "$$x$$", "E'\\''")) : text;
  }

  private static boolean isWord(String text) {
    return text.matches("[A-Za-z_][A-Za-z_0-9$]*");
  }

  private static String upper(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().forEach(c -> out.append(c >= 'a' && c <= 'z' ? (char) (c - 32) : (char) c));
    return out.toString();
  }

  private static String gap(Rolls rolls) {
    return rolls.oneOf(List.of(" ", "  ", "\n", "\t", " /* c */ ", " -- c\n", "/**/"));
  }
}
