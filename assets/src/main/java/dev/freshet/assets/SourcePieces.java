package dev.freshet.assets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/* A deploy changes a few functions of a long file. So that only these have to be minified again, a
 * long source is cut where its statements end, and each piece minified by itself. Where it is cut
 * is told by what stands there, not by how far from the begin that is, so all other pieces are the
 * same in the next version.
 *
 * Why the pieces, minified each and put together by line ends, are the source minified:
 *
 * - A piece counts only when the whole of it is read as a script or sheet of its own (Minifier asks
 *   esbuild). So no comment, string, template or bracket is open where it ends.
 * - It ends with a line of nothing but closing brackets and semicolons. Since none of the former is
 *   open, these are its last tokens, not part of any.
 * - In a script the next begins, behind spaces and comments, with a letter: on a new line, that
 *   can't continue a statement which is complete before it (automatic semicolons: it is no token
 *   that the grammar allows there). The words that could continue one (`else`, `catch`, `in`,
 *   `while` behind `do`) leave one of the two pieces incomplete; `from` would not, and is no seam.
 * - What holds for a script as a whole is left whole: with a directive ("use strict") at its begin,
 *   with an import or export, since a piece without it would be read by other rules.
 * - In a sheet rules follow each other without a word between them, but for those that count in
 *   front of all others only.
 */

/// Cuts long sources into pieces that are minified each by itself.
final class SourcePieces {
  /// Shorter ones are minified as quickly as a piece.
  private static final int LONG = 48 << 10;

  /// A piece has so much at least: each takes a run of esbuild.
  private static final int LEAST = 4 << 10;

  /// And ends with the next statement behind so much.
  private static final int FULL = 32 << 10;

  /// Of so many ends of statements one is a seam.
  private static final int SCRIPT_SEAMS = 8;

  private static final int STYLE_SEAMS = 64;

  private static final Pattern MODULE = Pattern.compile("(?m)^[ \\t]*+(?:import|export)\\b");
  private static final Pattern FIRST_ONLY = Pattern.compile("@(?:charset|import|namespace)\\b");

  private final byte[] source;
  private final boolean isStyle;

  private SourcePieces(byte[] source, boolean isStyle) {
    this.source = source;
    this.isStyle = isStyle;
  }

  /// The pieces in their order, which are the source; it alone where it is better left whole.
  static List<byte[]> of(byte[] source, boolean isStyle) {
    if (source.length < LONG) {
      return List.of(source);
    }
    String text = new String(source, StandardCharsets.ISO_8859_1);
    SourcePieces cut = new SourcePieces(source, isStyle);
    boolean isWhole = isStyle ? FIRST_ONLY.matcher(text).find() : cut.isStrict() || isModule(text);
    return isWhole ? List.of(source) : cut.pieces();
  }

  /// Most scripts are told by a look for the words, which takes far less time.
  private static boolean isModule(String text) {
    boolean mayBe = text.contains("import") || text.contains("export");
    return mayBe && MODULE.matcher(text).find();
  }

  /// It may begin with a directive.
  private boolean isStrict() {
    int first = token(0);
    return first < source.length && (source[first] == '"' || source[first] == '\'');
  }

  private List<byte[]> pieces() {
    List<byte[]> out = new ArrayList<>();
    int begin = 0;
    int line = 0;
    for (int i = 0; i < source.length; i++) {
      if (source[i] == '\n') {
        if (isEnd(line, i) && isSeam(i + 1, i + 1 - begin)) {
          out.add(Arrays.copyOfRange(source, begin, i + 1));
          begin = i + 1;
        }
        line = i + 1;
      }
    }
    out.add(Arrays.copyOfRange(source, begin, source.length));
    return out;
  }

  /// Whether the line closes what was open, at its begin, and does nothing else.
  private boolean isEnd(int from, int to) {
    if (from >= to || source[from] != '}') {
      return false;
    }
    for (int i = from; i < to; i++) {
      if ("})]; \t\r".indexOf(source[i]) < 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isSeam(int at, int length) {
    if (length < LEAST) {
      return false;
    }
    int first = token(at);
    int end = first;
    while (end < source.length && source[end] != '\n') {
      end++;
    }
    boolean mayBe = isStyle ? first < end : isLetter(first) && !isWord(first, "from");
    return mayBe && (length >= FULL || isChosen(first, end));
  }

  /// By the line that begins there: a version later it is the same.
  private boolean isChosen(int from, int to) {
    CRC32 sum = new CRC32();
    sum.update(source, from, to - from);
    return sum.getValue() % (isStyle ? STYLE_SEAMS : SCRIPT_SEAMS) == 0;
  }

  /// The next octet that is neither of a space nor of a comment; the end where there is none.
  private int token(int from) {
    int at = from;
    while (at < source.length) {
      if (source[at] == ' ' || source[at] == '\t' || source[at] == '\r' || source[at] == '\n') {
        at++;
      } else if (!isStyle && isWord(at, "//")) {
        at = behind("\n", at);
      } else if (isWord(at, "/*")) {
        at = behind("*/", at + 2);
      } else {
        return at;
      }
    }
    return source.length;
  }

  private int behind(String sign, int from) {
    for (int i = from; i + sign.length() <= source.length; i++) {
      if (isWord(i, sign)) {
        return i + sign.length();
      }
    }
    return source.length;
  }

  private boolean isWord(int at, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (at + i >= source.length || source[at + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isLetter(int at) {
    if (at >= source.length) {
      return false;
    }
    byte c = source[at];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  }
}
