package dev.freshet.http;

import java.nio.charset.StandardCharsets;

/// Reads HTTP/1.x heads out of octets, strictly (RFC 9112, sections 2 to 5): whatever two parsers
/// might read differently is refused, since that is what request smuggling is made of.
///
/// Works on a head that is complete, that is up to and including its empty line; find that with
/// [#endOfHead].
public final class HeadReader {
  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] VALUE = new boolean[256];
  private static final boolean[] TARGET = new boolean[256];

  static {
    for (int c = 0; c < 256; c++) {
      TOKEN[c] = c < 128 && FieldLists.isTokenChar((char) c);
      VALUE[c] = c == '\t' || (c >= 0x20 && c != 0x7f);
      // Browsers send a few characters that RFC 3986 would have encoded; none of these can be
      // mistaken for structure.
      TARGET[c] = c > 0x20 && c < 0x7f && "\"<>\\^`{|}#".indexOf(c) < 0;
    }
    for (char c : "\"<>^`{|}".toCharArray()) {
      TARGET[c] = true;
    }
  }

  private HeadReader() {}

  /// What is wrong with a head, and the status that says so.
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    public Refused(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }

    /// 400, 414, 431, 501 or 505 for a request; what is wrong with a response may be 502 too.
    public int status() {
      return status;
    }
  }

  /// Bounds for one head.
  ///
  /// @param maxFields field lines
  /// @param maxTarget octets in the request target
  public record Bounds(int maxFields, int maxTarget) {}

  /// A request line as sent.
  public record RequestLine(String method, String target, Version version) {}

  /// A status line.
  public record StatusLine(Version version, int status) {}

  /// Index just behind the empty line that ends the head, or -1 when it is not there yet.
  ///
  /// @param from where to look, for an incremental search at least three octets before what is new
  public static int endOfHead(byte[] octets, int from, int to) {
    for (int i = from; i + 3 < to; i++) {
      if (octets[i + 3] == '\n') {
        if (octets[i + 2] == '\r' && octets[i + 1] == '\n' && octets[i] == '\r') {
          return i + 4;
        }
      } else if (octets[i + 3] != '\r') {
        // Neither end can be in the last four octets: skip on.
        i += 3;
      }
    }
    return -1;
  }

  /// Index of the LF that ends the line which begins at `from`; refuses a CR or LF on its own.
  private static int endOfLine(byte[] octets, int from, int to) throws Refused {
    for (int i = from; i < to; i++) {
      byte b = octets[i];
      if (b == '\n') {
        throw new Refused(400, "a line ends in LF alone");
      }
      if (b == '\r') {
        if (i + 1 < to && octets[i + 1] == '\n') {
          return i + 1;
        }
        throw new Refused(400, "a CR stands alone");
      }
    }
    throw new Refused(400, "a line does not end");
  }

  /// Reads the request line; `next[0]` becomes the index behind it.
  public static RequestLine requestLine(byte[] octets, int from, int to, Bounds bounds, int[] next)
      throws Refused {
    int end = endOfLine(octets, from, to) - 1;
    next[0] = end + 2;
    int methodEnd = from;
    while (methodEnd < end && TOKEN[octets[methodEnd] & 0xff]) {
      methodEnd++;
    }
    if (methodEnd == from || methodEnd >= end || octets[methodEnd] != ' ') {
      throw new Refused(400, "the request line has no method");
    }
    int targetEnd = methodEnd + 1;
    while (targetEnd < end && TARGET[octets[targetEnd] & 0xff]) {
      targetEnd++;
    }
    if (targetEnd - methodEnd - 1 > bounds.maxTarget()) {
      throw new Refused(414, "the request target is too long");
    }
    if (targetEnd == methodEnd + 1 || targetEnd >= end || octets[targetEnd] != ' ') {
      throw new Refused(400, "the request target holds a character it may not");
    }
    Version version = version(octets, targetEnd + 1, end);
    return new RequestLine(
        method(octets, from, methodEnd),
        new String(octets, methodEnd + 1, targetEnd - methodEnd - 1, StandardCharsets.ISO_8859_1),
        version);
  }

  private static String method(byte[] octets, int from, int to) {
    if (to - from == 3 && octets[from] == 'G' && octets[from + 1] == 'E') {
      if (octets[from + 2] == 'T') {
        return "GET";
      }
    }
    return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static Version version(byte[] octets, int from, int to) throws Refused {
    boolean isForm =
        to - from == 8
            && octets[from] == 'H'
            && octets[from + 1] == 'T'
            && octets[from + 2] == 'T'
            && octets[from + 3] == 'P'
            && octets[from + 4] == '/'
            && isDigit(octets[from + 5])
            && octets[from + 6] == '.'
            && isDigit(octets[from + 7]);
    if (!isForm) {
      throw new Refused(400, "the version is not HTTP/x.y");
    }
    if (octets[from + 5] != '1') {
      throw new Refused(505, "only HTTP/1 is spoken on this connection");
    }
    return switch (octets[from + 7]) {
      case '1' -> Version.HTTP_1_1;
      case '0' -> Version.HTTP_1_0;
      default -> throw new Refused(505, "only HTTP/1.0 and HTTP/1.1 are spoken");
    };
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /// Reads a status line; `next[0]` becomes the index behind it.
  public static StatusLine statusLine(byte[] octets, int from, int to, int[] next) throws Refused {
    int end = endOfLine(octets, from, to) - 1;
    next[0] = end + 2;
    if (end - from < 12 || octets[from + 8] != ' ') {
      throw new Refused(502, "the status line is too short");
    }
    Version version = version(octets, from, from + 8);
    int status = 0;
    for (int i = from + 9; i < from + 12; i++) {
      int digit = octets[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new Refused(502, "the status is not a number");
      }
      status = status * 10 + digit;
    }
    boolean isCut = end > from + 12 && octets[from + 12] != ' ';
    if (status < 100 || isCut) {
      throw new Refused(502, "the status is not three digits from 100");
    }
    return new StatusLine(version, status);
  }

  /// Reads field lines up to the empty line, which must be the last thing before `to`.
  public static Fields fields(byte[] octets, int from, int to, Bounds bounds) throws Refused {
    Fields out = new Fields(16);
    int at = from;
    while (true) {
      int lf = endOfLine(octets, at, to);
      int end = lf - 1;
      if (end == at) {
        if (lf + 1 != to) {
          throw new Refused(400, "the head goes on behind its empty line");
        }
        return out;
      }
      if (out.size() == bounds.maxFields()) {
        throw new Refused(431, "there are too many fields");
      }
      field(octets, at, end, out);
      at = lf + 1;
    }
  }

  private static void field(byte[] octets, int from, int end, Fields out) throws Refused {
    int colon = from;
    while (colon < end && TOKEN[octets[colon] & 0xff]) {
      colon++;
    }
    if (colon == from && (octets[from] == ' ' || octets[from] == '\t')) {
      throw new Refused(400, "a field is folded over two lines");
    }
    if (colon == from || colon == end || octets[colon] != ':') {
      throw new Refused(400, "a field name holds a character it may not");
    }
    int start = colon + 1;
    int stop = end;
    while (start < stop && (octets[start] == ' ' || octets[start] == '\t')) {
      start++;
    }
    while (stop > start && (octets[stop - 1] == ' ' || octets[stop - 1] == '\t')) {
      stop--;
    }
    for (int i = start; i < stop; i++) {
      if (!VALUE[octets[i] & 0xff]) {
        throw new Refused(400, "a field value holds a character it may not");
      }
    }
    out.add(
        FieldName.of(octets, from, colon),
        new String(octets, start, stop - start, StandardCharsets.ISO_8859_1));
  }
}
