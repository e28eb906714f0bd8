package dev.freshet.load;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One request. Kept and made again it is encoded once.
public final class Call {
  private static final byte[] NOTHING = new byte[0];
  private final String step;
  private final String method;
  private final String target;
  private final List<Header> headers;
  private final byte[] content;
  private final boolean wantsContent;
  private final boolean needsAnswer;
  private final long thinkNanos;
  private final @Nullable Call original;
  private final @Nullable String mark;
  private final @Nullable Talk talk;
  private volatile byte @Nullable [] head;
  private volatile byte @Nullable [] whole;
  private volatile @Nullable Http2Headers plain;

  /// A field of the request.
  public record Header(String name, String value) {}

  /// @param step under whose name figures are kept
  /// @param target path and query
  /// @param headers beside `Content-Length`, `Cookie` and `Accept-Encoding`; a `Host` stands for
  ///   the target's own
  /// @param wantsContent whether the visitor reads the content of the answer; else it is only
  ///   counted
  /// @param thinkNanos how long the visitor thinks after the answer
  public Call(
      String step,
      String method,
      String target,
      List<Header> headers,
      byte[] content,
      boolean wantsContent,
      long thinkNanos) {
    this(
        step,
        method,
        target,
        headers,
        content,
        wantsContent,
        wantsContent,
        thinkNanos,
        null,
        null,
        null);
  }

  /// @param needsAnswer whether the visitor looks at more of the answer than its status, so that
  ///   what a browser has kept of an earlier one won't do
  /// @param original the call without the conditions that a browser adds; null where it adds none
  /// @param mark what its answer sets; null for nothing
  /// @param talk what is done on the channel that it opens; null for a plain request
  Call(
      String step,
      String method,
      String target,
      List<Header> headers,
      byte[] content,
      boolean wantsContent,
      boolean needsAnswer,
      long thinkNanos,
      @Nullable Call original,
      @Nullable String mark,
      @Nullable Talk talk) {
    this.step = step;
    this.method = method;
    this.target = target;
    this.headers = List.copyOf(headers);
    this.content = content;
    this.wantsContent = wantsContent;
    this.needsAnswer = needsAnswer;
    this.original = original;
    this.mark = mark;
    this.talk = talk;
    this.thinkNanos = thinkNanos;
    for (Header header : headers) {
      if (hasControls(header.name()) || hasControls(header.value())) {
        throw new IllegalArgumentException("a header holds a line break: " + header.name());
      }
    }
    if (hasControls(target) || target.indexOf(' ') >= 0 || !target.startsWith("/")) {
      throw new IllegalArgumentException("'" + target + "' is no path");
    }
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(c -> (c < 0x20 && c != '\t') || c > 0xff);
  }

  /// A plain GET.
  public static Call get(String target) {
    return new Call(target, "GET", target, List.of(), NOTHING, false, 0);
  }

  /// What a user of a [Mix] asks for.
  static Call of(Shot shot, long thinkNanos) {
    List<Header> headers = new ArrayList<>();
    headers.add(new Header("Accept", shot.kind() == Shot.Kind.PAGE ? "text/html" : "*/*"));
    if (shot.authorization() != null) {
      headers.add(new Header("Authorization", shot.authorization()));
    }
    if (shot.json() != null) {
      headers.add(new Header("Content-Type", "application/json"));
    }
    String step = shot.kind().text();
    return new Call(step, shot.method(), shot.target(), headers, shot.content(), false, thinkNanos);
  }

  /// Name of the step.
  public String step() {
    return step;
  }

  public String method() {
    return method;
  }

  public String target() {
    return target;
  }

  boolean wantsContent() {
    return wantsContent;
  }

  boolean needsAnswer() {
    return needsAnswer;
  }

  /// Value of a header; null when it isn't sent.
  @Nullable String header(String name) {
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase(name)) {
        return header.value();
      }
    }
    return null;
  }

  void addTo(Fields fields) {
    headers.forEach(header -> fields.add(FieldName.of(header.name()), header.value()));
  }

  /// The same on conditions.
  Call with(List<Header> conditions) {
    List<Header> all = new ArrayList<>(headers);
    all.addAll(conditions);
    return new Call(
        step,
        method,
        target,
        all,
        content,
        wantsContent,
        needsAnswer,
        thinkNanos,
        this,
        mark,
        talk);
  }

  /// The call without conditions.
  Call original() {
    return original == null ? this : original;
  }

  @Nullable String mark() {
    return mark;
  }

  @Nullable Talk talk() {
    return talk;
  }

  long thinkNanos() {
    return thinkNanos;
  }

  /// Whether asking twice does no more than asking once.
  boolean isIdempotent() {
    return switch (method) {
      case "GET", "HEAD", "PUT", "DELETE", "OPTIONS" -> true;
      default -> false;
    };
  }

  /// The request as sent to a host.
  ///
  /// @param cookies value of `Cookie`, empty for none
  byte[] octets(String host, String cookies) {
    byte[] all = whole;
    if (cookies.isEmpty() && all != null) {
      return all;
    }
    byte[] lines = head;
    if (lines == null) {
      lines = lines(host).getBytes(StandardCharsets.ISO_8859_1);
      head = lines;
    }
    String rest = cookies.isEmpty() ? "\r\n" : "Cookie: " + cookies + "\r\n\r\n";
    byte[] end = rest.getBytes(StandardCharsets.ISO_8859_1);
    byte[] out = new byte[lines.length + end.length + content.length];
    System.arraycopy(lines, 0, out, 0, lines.length);
    System.arraycopy(end, 0, out, lines.length, end.length);
    System.arraycopy(content, 0, out, lines.length + end.length, content.length);
    if (cookies.isEmpty()) {
      whole = out;
    }
    return out;
  }

  byte[] content() {
    return content;
  }

  /// The head as sent over HTTP/2.
  ///
  /// @param cookies value of `Cookie`, empty for none
  Http2Headers headers(Aim aim, String cookies) {
    Http2Headers known = plain;
    if (cookies.isEmpty() && known != null) {
      return known;
    }
    Http2Headers out = new DefaultHttp2Headers(false, headers.size() + 8);
    out.method(method);
    out.scheme(aim.isTls() ? "https" : "http");
    out.authority(named(aim.authority()));
    out.path(target);
    if (talk == null) {
      out.add("accept-encoding", Decoding.ACCEPTED);
    }
    for (Header header : headers) {
      if (!isHost(header)) {
        out.add(header.name().toLowerCase(Locale.ROOT), header.value());
      }
    }
    if (hasLength()) {
      out.add("content-length", Integer.toString(content.length));
    }
    if (cookies.isEmpty()) {
      plain = out;
    } else {
      out.add("cookie", cookies);
    }
    return out;
  }

  private boolean hasLength() {
    return content.length > 0
        || method.equals("POST")
        || method.equals("PUT")
        || method.equals("PATCH");
  }

  private String named(String host) {
    String named = host;
    for (Header header : headers) {
      named = isHost(header) ? header.value() : named;
    }
    return named;
  }

  private static boolean isHost(Header header) {
    return header.name().equalsIgnoreCase("Host");
  }

  private String lines(String host) {
    StringBuilder out = new StringBuilder(256);
    out.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ");
    out.append(named(host)).append("\r\n");
    if (talk == null) {
      out.append("Accept-Encoding: ").append(Decoding.ACCEPTED).append("\r\n");
    }
    for (Header header : headers) {
      if (isHost(header)) {
        continue;
      }
      out.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    if (hasLength()) {
      out.append("Content-Length: ").append(content.length).append("\r\n");
    }
    return out.toString();
  }

  @Override
  public String toString() {
    return method + " " + target;
  }
}
