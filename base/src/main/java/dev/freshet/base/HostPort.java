package dev.freshet.base;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A host (name, IPv4, or IPv6 without brackets) and a port from 0 to 65535 (0 lets the system
/// choose when listening).
public record HostPort(String host, int port) {
  private static final String V6 = "[0-9a-fA-F.]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:%[\\w.-]+)?";
  private static final Pattern SHAPE =
      Pattern.compile(
          ("(?<bare>" + V6 + ")")
              + ("|(?:\\[(?<bracketed>" + V6 + ")]|(?<name>[\\p{L}\\p{N}._-]+)|(?=:))")
              + "(?::(?<port>[0-9]{1,5}))?");
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "localhost|127(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}|::1|(?:0:){7}1",
          Pattern.CASE_INSENSITIVE);

  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host is missing");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  /// Parses `host:port`, `[v6]:port`, `:port` (every interface), or a host with the default port;
  /// throws [IllegalArgumentException] that shows the accepted form.
  public static HostPort parse(String text, int defaultPort) {
    Matcher m = SHAPE.matcher(text.strip());
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an address; write it like 127.0.0.1:8080");
    }
    String v6 = m.group("bracketed") != null ? m.group("bracketed") : m.group("bare");
    String host = v6 != null ? v6 : m.group("name");
    String port = m.group("port");
    return new HostPort(
        host == null ? "0.0.0.0" : host, port == null ? defaultPort : Integer.parseInt(port));
  }

  /// True when only this machine can reach it. Only addresses and `localhost` count: any other name
  /// points where its owner likes, also one that begins with `127.`.
  public boolean isLoopback() {
    return LOOPBACK.matcher(host).matches();
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
