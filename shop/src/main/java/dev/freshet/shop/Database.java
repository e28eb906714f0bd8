package dev.freshet.shop;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/// Where the shop's PostgreSQL is. There is no pool: each [#connect] is a new connection, which is
/// one of the shop's sins.
///
/// @param jdbcUrl host, port, database and parameters
/// @param user who to connect as
/// @param password empty when the server asks for none
record Database(String jdbcUrl, String user, String password) {

  /// Reads `postgresql://user:pass@host:port/db?parameter=value`, as `DATABASE_URL` usually is.
  ///
  /// @throws IllegalArgumentException with a sentence for the user
  static Database parse(String url) {
    URI uri;
    try {
      uri = new URI(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(expected("it is not a URL"), e);
    }
    String scheme = String.valueOf(uri.getScheme());
    if (!scheme.equals("postgresql") && !scheme.equals("postgres")) {
      throw new IllegalArgumentException(expected("it does not begin with postgresql://"));
    }
    String path = uri.getRawPath();
    if (uri.getHost() == null || path == null || path.length() < 2) {
      throw new IllegalArgumentException(expected("it names no host or no database"));
    }
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String info = uri.getRawUserInfo() == null ? "postgres" : uri.getRawUserInfo();
    int colon = info.indexOf(':');
    return new Database(
        "jdbc:postgresql://" + uri.getHost() + ":" + port + path + query,
        decode(colon < 0 ? info : info.substring(0, colon)),
        decode(colon < 0 ? "" : info.substring(colon + 1)));
  }

  /// A new connection, owned by the caller; ten seconds at most to connect.
  Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("ApplicationName", "shop");
    properties.setProperty("assumeMinServerVersion", "9.4");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("socketTimeout", "60");
    return DriverManager.getConnection(jdbcUrl, properties);
  }

  /// Without the password.
  @Override
  public String toString() {
    return user + "@" + jdbcUrl.substring("jdbc:".length());
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String expected(String cause) {
    return "DATABASE_URL: "
        + cause
        + "; write it as postgresql://user:password@127.0.0.1:5432/shop";
  }
}
