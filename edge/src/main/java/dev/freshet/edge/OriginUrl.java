package dev.freshet.edge;

import dev.freshet.base.HostPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Where an origin listens: `http` or `https`, host and port.
///
/// @param scheme `http` or `https`
public record OriginUrl(String scheme, HostPort address) {

  public OriginUrl {
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException("'" + scheme + "' is neither http nor https");
    }
    if (address.port() == 0) {
      throw new IllegalArgumentException("an origin needs a port from 1 to 65535");
    }
  }

  /// Parses `http://host:port`; the port may be left out. Throws [IllegalArgumentException] that
  /// shows the accepted form, also for a path, which origins don't have.
  public static OriginUrl parse(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw unlike(text);
    }
    String path = uri.getRawPath();
    boolean isBare = path == null || path.isEmpty() || path.equals("/");
    if (uri.getScheme() == null
        || uri.getHost() == null
        || !isBare
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw unlike(text);
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int port = uri.getPort() >= 0 ? uri.getPort() : defaultPort(scheme);
    String host = uri.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    return new OriginUrl(scheme, new HostPort(host.toLowerCase(Locale.ROOT), port));
  }

  private static IllegalArgumentException unlike(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not an origin; write it like http://127.0.0.1:3000");
  }

  boolean isSecure() {
    return scheme.equals("https");
  }

  /// Value of `Host` that names this origin: without the scheme's default port.
  String authority() {
    String whole = address.toString();
    return address.port() == defaultPort(scheme)
        ? whole.substring(0, whole.lastIndexOf(':'))
        : whole;
  }

  private static int defaultPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  @Override
  public String toString() {
    return scheme + "://" + authority();
  }
}
