package dev.freshet.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The values of one execution: the constants in a statement's text and the parameters bound to it.
/// Made for each execution; reads the octets it was given when asked.
public final class Arguments {
  private static final byte[] NOTHING = {};
  private static final long INFERRED = 0;
  private static final long UNKNOWN = 705;

  private final Statement statement;
  private final int[] types;
  private final byte[] bound;
  private final int formats;
  private final int formatsAt;

  /// Where each value begins, and its length, -1 for null.
  private final int[] values;

  /// Where the count of result formats stands; -1 for a simple query.
  private final int resultsAt;

  private Arguments(
      Statement statement,
      int[] types,
      byte[] bound,
      int formatsAt,
      int formats,
      int[] values,
      int resultsAt) {
    this.resultsAt = resultsAt;
    this.statement = statement;
    this.types = types;
    this.bound = bound;
    this.formatsAt = formatsAt;
    this.formats = formats;
    this.values = values;
  }

  /// Of a simple query, which has constants only.
  public static Arguments of(Statement statement) {
    return new Arguments(statement, new int[0], NOTHING, 0, 0, new int[0], -1);
  }

  /// Of a Bind message.
  ///
  /// @param types OIDs as Parse declared them, 0 or left out where the server is to infer them
  /// @param bind kept: don't change it while this is in use
  /// @param from where the count of parameter formats stands, behind the names of portal and
  ///   statement
  /// @throws IndexOutOfBoundsException where the message ends too soon
  public static Arguments of(Statement statement, int[] types, byte[] bind, int from) {
    int formats = int2(bind, from);
    int at = from + 2 + 2 * formats;
    int count = int2(bind, at);
    at += 2;
    int[] values = new int[2 * count];
    for (int i = 0; i < count; i++) {
      int length = int4(bind, at);
      at += 4;
      values[2 * i] = at;
      values[2 * i + 1] = length;
      at += Math.max(0, length);
    }
    return new Arguments(statement, types, bind, from + 2, formats, values, at);
  }

  static int int2(byte[] from, int at) {
    return (from[at] & 0xff) << 8 | (from[at + 1] & 0xff);
  }

  static int int4(byte[] from, int at) {
    return int2(from, at) << 16 | int2(from, at + 2);
  }

  /// Adds the canonical texts of what a column is compared with, nulls left out; false where one of
  /// them has none.
  boolean canonical(Term term, long[] slots, List<String> out) {
    byte[] text = statement.text();
    int slot = term.constant().slot();
    int from = statement.slots().from(slot);
    int to = statement.slots().to(slot);
    if (to - from == 2 && text[from] == '$' && text[from + 1] >= '1' && text[from + 1] <= '9') {
      // As most are: it need not be read.
      return parameter(term, text[from + 1] - '0', slots, out);
    }
    SqlLexer at = new SqlLexer(text, from, to);
    boolean isNegative = false;
    while (at.next()) {
      switch (at.kind()) {
        case SPACE -> {}
        case OPERATOR -> isNegative = true;
        case MARK -> {
          if (at.first() != '(' && at.first() != ')' && at.first() != ',') {
            return false;
          }
        }
        case NUMBER -> {
          if (!number(term, isNegative, ascii(text, at.start(), at.end()), out)) {
            return false;
          }
          isNegative = false;
        }
        case STRING -> {
          String string = Literals.string(text, at.start(), at.end());
          if (string == null || !text(term, string, out)) {
            return false;
          }
        }
        case WORD -> {
          if (!word(term, ascii(text, at.start(), at.end()), out)) {
            return false;
          }
        }
        case PARAMETER -> {
          String digits = ascii(text, at.start() + 1, at.end());
          if (digits.length() > 5 || !parameter(term, Integer.parseInt(digits), slots, out)) {
            return false;
          }
        }
        default -> {
          return false;
        }
      }
    }
    return true;
  }

  private static String ascii(byte[] text, int from, int to) {
    return new String(text, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static boolean number(Term term, boolean isNegative, String digits, List<String> out) {
    boolean isWhole = digits.chars().allMatch(c -> c >= '0' && c <= '9');
    long cast = term.constant().cast();
    // A cast of another number to an integer rounds.
    boolean isKept = cast == 0 || cast == Values.NUMERIC || (Values.isNumber(cast) && isWhole);
    if (term.form() != Form.NUMBER || term.constant().isArray() || !isKept) {
      return false;
    }
    return add(Form.NUMBER, isNegative ? "-" + digits : digits, out);
  }

  private static boolean word(Term term, String word, List<String> out) {
    if (SqlLexer.lower((byte) word.charAt(0)) == 'n') {
      return true;
    }
    long cast = term.constant().cast();
    boolean isBoolean = term.form() == Form.BOOLEAN && (cast == 0 || cast == Values.BOOL);
    return isBoolean && !term.constant().isArray() && add(Form.BOOLEAN, word, out);
  }

  private static boolean add(Form form, String text, List<String> out) {
    String canonical = form.canonical(text);
    if (canonical != null) {
      out.add(canonical);
    }
    return canonical != null;
  }

  /// A string, which takes the type it is cast to or that of the column.
  private static boolean text(Term term, String text, List<String> out) {
    if (!Values.areComparable(term, term.constant().cast())) {
      return false;
    }
    return term.constant().isArray()
        ? Literals.array(text, term.form(), out)
        : add(term.form(), text, out);
  }

  private boolean parameter(Term term, int number, long[] slots, List<String> out) {
    int i = number - 1;
    if (i < 0 || 2 * i >= values.length) {
      return false;
    }
    long declared = i < types.length ? types[i] & 0xffffffffL : INFERRED;
    declared = declared == UNKNOWN ? INFERRED : declared;
    long cast = term.constant().cast();
    boolean isArray = term.constant().isArray();
    long type = isArray && declared != INFERRED ? Values.element(declared) : declared;
    if (declared == INFERRED) {
      if (statement.uses().isRepeated(number) && !isSameEverywhere(term, number, slots)) {
        return false;
      }
      type = cast > 0 ? cast : INFERRED;
    } else if (cast > 0 && !Values.keeps(type, cast)) {
      return false;
    }
    boolean isOther = cast == Values.OTHER && term.form() != Form.LABEL;
    if (type < 0 || isOther || !Values.areComparable(term, cast <= 0 ? type : cast)) {
      return false;
    }
    int length = values[2 * i + 1];
    if (length < 0) {
      return true;
    }
    int from = values[2 * i];
    if (isBinary(i)) {
      if (type == INFERRED && term.form() == Form.NUMBER && mayBeMixed(term)) {
        return false;
      }
      long read = type == INFERRED ? term.type() : type;
      return isArray
          ? Values.array(bound, from, length, read, term.form(), out)
          : Values.scalar(bound, from, length, read, term.form(), out);
    }
    String text = new String(bound, from, length, StandardCharsets.UTF_8);
    return isArray ? Literals.array(text, term.form(), out) : add(term.form(), text, out);
  }

  /// Whether a number beside it may make it numeric, so that its octets mean something else.
  private boolean mayBeMixed(Term term) {
    int slot = term.constant().slot();
    boolean hasPoint = false;
    for (int i = statement.slots().from(slot); i < statement.slots().to(slot); i++) {
      hasPoint |= statement.text()[i] == '.';
    }
    return hasPoint || !term.isAlone();
  }

  /// Whether the server must infer the same type for the parameter wherever it stands.
  private boolean isSameEverywhere(Term term, int number, long[] slots) {
    long here = term.inferred();
    ParameterUses uses = statement.uses();
    for (int i = 0; i < uses.count(); i++) {
      if (uses.number(i) == number
          && (uses.slot(i) >= slots.length || slots[uses.slot(i)] != here)) {
        return false;
      }
    }
    return true;
  }

  /// Whether a value that is bound may stand for a moment that moves on: see
  /// [Statement#namesClock].
  public boolean nameClock() {
    for (int i = 0; i < values.length; i += 2) {
      int to = Math.min(values[i] + Math.max(0, values[i + 1]), bound.length);
      if (Clock.isNamedIn(bound, values[i], to)) {
        return true;
      }
    }
    return false;
  }

  /// Whether a column of the answer comes in binary; null where that is not known.
  @Nullable Boolean isResultBinary(int column) {
    if (resultsAt < 0) {
      return false;
    }
    if (resultsAt + 2 > bound.length) {
      return null;
    }
    int count = int2(bound, resultsAt);
    if (count == 0) {
      return false;
    }
    int at = resultsAt + 2 + (count == 1 ? 0 : 2 * column);
    boolean isTold = at + 2 <= bound.length && (count == 1 || column < count);
    return isTold ? int2(bound, at) == 1 : null;
  }

  private boolean isBinary(int parameter) {
    if (formats == 0) {
      return false;
    }
    return int2(bound, formatsAt + (formats == 1 ? 0 : 2 * parameter)) == 1;
  }
}
