package dev.freshet.console;

import com.sun.net.httpserver.HttpExchange;
import dev.freshet.base.HostPort;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides who may ask: with a token, whoever has it; without one, only this machine's own
/// programs, and no web page that a browser here happens to show.
///
/// A page can make a browser send requests to loopback: a rebound name shows in `Host`, a
/// cross-site request in `Origin`, in a content type that forms can send, or, where it only reads,
/// in what browsers say of themselves (`Sec-Fetch-Site`). All are refused. The same goes for a
/// token that a browser keeps and sends by itself (Basic, RFC 7617, with any user name), except
/// that the name is then whatever the operator uses.
final class Gate {
  private final HostPort at;
  private final @Nullable String token;

  record Refusal(int status, String reason) {}

  Gate(HostPort at, @Nullable String token) {
    this.at = at;
    this.token = token;
  }

  @Nullable Refusal check(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    String wanted = token;
    if (wanted == null) {
      return host == null || !isLocal(host)
          ? new Refusal(421, "this address answers to its own name only: " + at)
          : fromElsewhere(exchange, List.of("http://" + host));
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    if (given != null && isSame(given, "Bearer " + wanted)) {
      return null;
    }
    if (given != null && isSame(passwordOf(given), wanted)) {
      // By https where a proxy before the console speaks TLS.
      return fromElsewhere(exchange, List.of("http://" + host, "https://" + host));
    }
    exchange
        .getResponseHeaders()
        .put(
            "WWW-Authenticate",
            List.of(
                "Bearer", "Basic realm=\"Freshet: the token is the password\", charset=\"UTF-8\""));
    return new Refusal(401, "send the token: Authorization: Bearer ..., or as a password (Basic)");
  }

  /// Whether another site's page may be behind it.
  private static @Nullable Refusal fromElsewhere(HttpExchange exchange, List<String> own) {
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    if ((origin != null && !own.contains(origin)) || isWithinAnothersPage(exchange)) {
      return new Refusal(403, "requests from other sites' pages are refused");
    }
    if (exchange.getRequestMethod().equals("POST")) {
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
        return new Refusal(415, "send Content-Type: application/json");
      }
    }
    return null;
  }

  /// As a picture or a script, which come without `Origin`: the page gets nothing of them to see,
  /// but could have plans asked of the database all day. Links to the console are no such thing.
  private static boolean isWithinAnothersPage(HttpExchange exchange) {
    String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
    boolean isOwn = site == null || site.equals("same-origin") || site.equals("none");
    return !isOwn && !"document".equals(exchange.getRequestHeaders().getFirst("Sec-Fetch-Dest"));
  }

  private static boolean isSame(String given, String wanted) {
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
  }

  /// Of Basic credentials; empty, which no token is, where they are none.
  private static String passwordOf(String authorization) {
    if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return "";
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(6).strip()),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0 ? "" : pair.substring(colon + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static boolean isLocal(String host) {
    try {
      return HostPort.parse(host, 80).isLoopback();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
