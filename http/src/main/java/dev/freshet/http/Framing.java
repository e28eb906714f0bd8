package dev.freshet.http;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// How long a message's content is (RFC 9112, section 6.3).
public final class Framing {
  /// The length of chunked content.
  public static final long CHUNKED = -1;

  /// The length of content that the connection's end delimits; only responses.
  public static final long UNTIL_CLOSE = -2;

  /// Transfer codings whose content would have to be decoded (RFC 9112, section 7.2).
  private static final Set<String> COMPRESSIONS =
      Set.of("gzip", "x-gzip", "deflate", "compress", "x-compress");

  private Framing() {}

  /// Length of a request's content, or [#CHUNKED]. Refuses what RFC 9112 only warns of, since it
  /// serves smuggling.
  public static long ofRequest(Fields fields, Version version) throws HeadReader.Refused {
    boolean hasEncoding = fields.has(FieldName.TRANSFER_ENCODING);
    boolean hasLength = fields.has(FieldName.CONTENT_LENGTH);
    if (hasEncoding) {
      if (hasLength) {
        throw new HeadReader.Refused(400, "both Transfer-Encoding and Content-Length");
      }
      if (version == Version.HTTP_1_0) {
        throw new HeadReader.Refused(400, "Transfer-Encoding in HTTP/1.0");
      }
      List<String> lines = fields.all(FieldName.TRANSFER_ENCODING);
      List<String> last = FieldLists.split(lines.getLast());
      if (last.isEmpty() || !last.getLast().equalsIgnoreCase("chunked")) {
        throw new HeadReader.Refused(400, "chunked is not the last transfer coding");
      }
      if (lines.size() != 1 || !lines.getFirst().equalsIgnoreCase("chunked")) {
        throw new HeadReader.Refused(501, "a transfer coding other than chunked");
      }
      return CHUNKED;
    }
    return hasLength ? length(fields, 400) : 0;
  }

  /// Length of a response's content, [#CHUNKED] or [#UNTIL_CLOSE].
  public static long ofResponse(Fields fields, int status, String method)
      throws HeadReader.Refused {
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return 0;
    }
    if (fields.has(FieldName.TRANSFER_ENCODING)) {
      List<String> lines = fields.all(FieldName.TRANSFER_ENCODING);
      boolean isChunked = lines.size() == 1 && lines.getFirst().equalsIgnoreCase("chunked");
      if (!isChunked && (lines.size() != 1 || !codesNothing(lines.getFirst()))) {
        throw new HeadReader.Refused(502, "a transfer coding other than chunked");
      }
      if (fields.has(FieldName.CONTENT_LENGTH)) {
        throw new HeadReader.Refused(502, "both Transfer-Encoding and Content-Length");
      }
      return isChunked ? CHUNKED : UNTIL_CLOSE;
    }
    return fields.has(FieldName.CONTENT_LENGTH) ? length(fields, 502) : UNTIL_CLOSE;
  }

  /// `identity`, and names of no coding: content goes to the connection's end then (RFC 9112,
  /// section 6.3, item 4). What seems to mean chunks is not taken for one.
  private static boolean codesNothing(String coding) {
    String lower = coding.toLowerCase(Locale.ROOT);
    return FieldLists.isToken(coding) && !COMPRESSIONS.contains(lower) && !lower.contains("chunk");
  }

  private static long length(Fields fields, int status) throws HeadReader.Refused {
    List<String> lines = fields.all(FieldName.CONTENT_LENGTH);
    String value = lines.getFirst();
    for (String other : lines) {
      if (!other.equals(value) || (status == 400 && lines.size() > 1)) {
        throw new HeadReader.Refused(status, "more than one Content-Length");
      }
    }
    if (value.isEmpty() || value.length() > 18) {
      throw new HeadReader.Refused(status, "Content-Length is not a number of octets");
    }
    long out = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new HeadReader.Refused(status, "Content-Length is not a number of octets");
      }
      out = out * 10 + digit;
    }
    return out;
  }

  /// Whether the sender wants the connection kept after this message (RFC 9112, section 9.3).
  public static boolean keepsAlive(Fields fields, Version version) {
    String connection = fields.combined(FieldName.CONNECTION);
    if (connection == null) {
      return version == Version.HTTP_1_1;
    }
    String lower = connection.toLowerCase(Locale.ROOT);
    return version == Version.HTTP_1_1 ? !lower.contains("close") : lower.contains("keep-alive");
  }
}
