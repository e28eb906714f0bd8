package dev.freshet.base;

/// A host (name, IPv4, or IPv6 without brackets) and a port from 0 to 65535 (0 lets the system
/// choose when listening).
public record HostPort(String host, int port) {

  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host is missing");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
    }
  }

  /// Parses `host:port`, `[v6]:port`, `:port` (every interface), or `host` with the default port.
  public static HostPort parse(String text, int defaultPort) {
    String t = text.strip();
    int colon = t.lastIndexOf(':');
    int bracket = t.lastIndexOf(']');
    boolean hasPort = colon > bracket && (bracket >= 0 || t.indexOf(':') == colon);
    String host = hasPort ? t.substring(0, colon) : t;
    int port = defaultPort;
    if (hasPort) {
      String digits = t.substring(colon + 1);
      if (digits.isEmpty()
          || digits.length() > 5
          || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw new IllegalArgumentException(
            "'" + text + "' is not an address; write it like 127.0.0.1:8080");
      }
      port = Integer.parseInt(digits);
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new HostPort(host.isEmpty() ? "0.0.0.0" : host, port);
  }

  /// True when only this machine can reach it.
  public boolean isLoopback() {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
