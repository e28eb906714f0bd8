package dev.freshet.sql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a gateway needs to know about the text of every query that passes: made in one pass over
/// its octets, without parsing.
public final class Statement {
  private final long fingerprint;
  private final Verb verb;
  private final int count;
  private final boolean namesClock;
  private final byte[] text;
  private final int textFrom;
  private final int textTo;
  private final byte[] normal;
  private final Slots slots;

  /// Made when first asked for; it doesn't matter if that happens twice.
  private @Nullable ParameterUses uses;

  private Statement(Pass pass, byte[] sql, int from, int to) {
    this.verb = pass.verb();
    this.count = pass.count;
    this.namesClock = pass.namesClock;
    this.textFrom = pass.textFrom < 0 ? to : pass.textFrom;
    this.textTo = pass.textFrom < 0 ? to : pass.textTo;
    boolean isWhole = textFrom == 0 && textTo == sql.length && from == 0;
    this.text = isWhole ? sql : Arrays.copyOfRange(sql, textFrom, textTo);
    this.normal = pass.normal.octets();
    this.slots = pass.normal.slots();
    slots.shift(textFrom);
    this.fingerprint = Fingerprints.of(normal);
  }

  /// Reads the text of a simple query or a Parse message, as UTF-8, without its closing zero octet.
  ///
  /// The array is kept when there is nothing to leave out: don't change it afterwards.
  public static Statement read(byte[] sql, int from, int to) {
    Pass pass = new Pass(to - from);
    SqlLexer at = new SqlLexer(sql, from, to);
    while (at.next()) {
      pass.take(sql, at);
    }
    return new Statement(pass, sql, from, to);
  }

  public static Statement read(String sql) {
    byte[] octets = sql.getBytes(StandardCharsets.UTF_8);
    return read(octets, 0, octets.length);
  }

  /// Equal for texts with the same [#normalised] form, and but for a chance in 2^64 only for those.
  public long fingerprint() {
    return fingerprint;
  }

  /// Of the first statement.
  public Verb verb() {
    return verb;
  }

  /// How many statements there are; empty ones don't count.
  public int count() {
    return count;
  }

  /// Whether a string in it may stand for a moment that moves on, as `'today'` does when PostgreSQL
  /// reads it as a date. Such a text must not share an answer with one of the same fingerprint.
  public boolean namesClock() {
    return namesClock;
  }

  /// The text without white space, comments and semicolons at both ends: what to send to the
  /// server, since a comment that differs in every request would make every statement a new one.
  /// Hints (`/*+ ... */`) stay, with all that they enclose.
  public byte[] text() {
    return text;
  }

  /// Where the text begins in the array it was read from. Positions in the server's messages count
  /// from here.
  public int textFrom() {
    return textFrom;
  }

  /// Where the text ends in the array it was read from.
  public int textTo() {
    return textTo;
  }

  /// The statement with `?` for every constant and parameter, `(?...)` for lists of them behind IN,
  /// words in lower case, one space where one is needed and no comments. For people and statistics;
  /// it need not be valid SQL.
  public String normalised() {
    return new String(normal, StandardCharsets.UTF_8);
  }

  /// Where the constants stand in the [#text].
  Slots slots() {
    return slots;
  }

  ParameterUses uses() {
    ParameterUses made = uses;
    if (made == null) {
      made = ParameterUses.of(text, slots);
      uses = made;
    }
    return made;
  }

  /// Gathers what the tokens tell.
  private static final class Pass {
    private static final int WORDS = 3;

    private final NormalText normal;
    private final Borders borders = new Borders();
    private final long[] words = new long[WORDS];
    private int seen;
    private boolean isInside;
    private int count;
    private boolean namesClock;
    private int textFrom = -1;
    private int textTo;

    Pass(int octets) {
      normal = new NormalText(octets);
    }

    void take(byte[] sql, SqlLexer at) {
      switch (at.kind()) {
        case SPACE, LINE_COMMENT -> {
          return;
        }
        case BLOCK_COMMENT -> {
          if (isHint(sql, at)) {
            keep(at);
          }
          return;
        }
        case STRING ->
            namesClock = namesClock || Clock.isNamedInConstant(sql, at.start(), at.end());
        case WORD, MARK -> verb(sql, at);
        default -> {}
      }
      normal.add(sql, at);
      if (borders.ends(sql, at)) {
        isInside = false;
        seen = count > 0 ? WORDS : 0;
        return;
      }
      if (!isInside) {
        isInside = true;
        count++;
      }
      keep(at);
    }

    private void keep(SqlLexer at) {
      textFrom = textFrom < 0 ? at.start() : textFrom;
      textTo = at.end();
    }

    private static boolean isHint(byte[] sql, SqlLexer at) {
      return at.end() - at.start() > 4 && sql[at.start() + 2] == '+';
    }

    /// The first words of the first statement. A dot behind the second makes that a name: `SET
    /// local.colour`.
    private void verb(byte[] sql, SqlLexer at) {
      if (seen >= WORDS) {
        return;
      }
      if (at.kind() == SqlLexer.Kind.WORD) {
        words[seen++] = Math.max(1, Words.code(sql, at.start(), at.end()));
      } else if (at.first() == '.' && seen == 2) {
        words[1] = 1;
      }
    }

    Verb verb() {
      if (count == 0) {
        return Verb.EMPTY;
      }
      return seen == 0 ? Verb.OTHER : Verb.of(words[0], words[1], words[2]);
    }
  }
}
