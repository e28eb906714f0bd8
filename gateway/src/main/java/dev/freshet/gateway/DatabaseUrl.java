package dev.freshet.gateway;

import dev.freshet.base.HostPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server, a database on it and a user (PostgreSQL documentation, section "Connection
/// URIs"). Its text never shows the password.
///
/// @param isTlsDirect `sslnegotiation=direct`: TLS from the first octet (PostgreSQL 17)
public record DatabaseUrl(
    HostPort server,
    String database,
    String user,
    String password,
    SslMode sslMode,
    boolean isTlsDirect) {

  public DatabaseUrl(
      HostPort server, String database, String user, String password, SslMode sslMode) {
    this(server, database, user, password, sslMode, false);
  }

  /// As libpq's `sslmode`; what libpq calls `allow` is not offered.
  public enum SslMode {
    DISABLE,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL
  }

  /// @throws IllegalArgumentException that shows the accepted form, never the password
  public static DatabaseUrl parse(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("it is not a URL (" + e.getReason() + "); " + FORM);
    }
    boolean isOurs = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
    if (!isOurs || uri.getHost() == null || uri.getRawUserInfo() == null) {
      throw new IllegalArgumentException(FORM);
    }
    String[] credentials = uri.getRawUserInfo().split(":", 2);
    String user = decoded(credentials[0]);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    String database = path.length() > 1 ? decoded(path.substring(1)) : user;
    Map<String, String> options = options(uri.getRawQuery());
    String modeText = options.remove("sslmode");
    SslMode mode = modeText == null ? SslMode.PREFER : mode(modeText);
    boolean isDirect = isDirect(options.remove("sslnegotiation"));
    if (isDirect && mode.compareTo(SslMode.REQUIRE) < 0) {
      throw new IllegalArgumentException("sslnegotiation=direct goes with sslmode=require or more");
    }
    if (!options.isEmpty()) {
      throw new IllegalArgumentException(
          "the option '" + options.keySet().iterator().next() + "' is not known here");
    }
    return new DatabaseUrl(
        new HostPort(uri.getHost(), uri.getPort() < 0 ? 5432 : uri.getPort()),
        database,
        user,
        credentials.length > 1 ? decoded(credentials[1]) : "",
        mode,
        isDirect);
  }

  private static final String FORM =
      "write it like postgresql://user:password@127.0.0.1:5432/database";

  private static Map<String, String> options(@Nullable String query) {
    Map<String, String> out = new HashMap<>();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        out.put(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
      }
    }
    return out;
  }

  private static SslMode mode(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    for (SslMode mode : SslMode.values()) {
      if (mode.name().equals(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "sslmode '" + text + "' is not disable, prefer, require, verify-ca or verify-full");
  }

  private static boolean isDirect(@Nullable String text) {
    return switch (text) {
      case null -> false;
      case "postgres" -> false;
      case "direct" -> true;
      default ->
          throw new IllegalArgumentException(
              "sslnegotiation '" + text + "' is not postgres or direct");
    };
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "postgresql://" + user + "@" + server + "/" + database;
  }
}
