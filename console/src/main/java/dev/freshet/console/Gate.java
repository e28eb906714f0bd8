package dev.freshet.console;

import com.sun.net.httpserver.HttpExchange;
import dev.freshet.base.HostPort;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Decides who may ask: with a token, whoever has it; without one, only this machine's own
/// programs, and no web page that a browser here happens to show.
///
/// A page can make a browser send requests to loopback: a rebound name shows in `Host`, a
/// cross-site request in `Origin` or in a content type that forms can send. All three are refused.
final class Gate {
  private final HostPort at;
  private final @Nullable String token;

  record Refusal(int status, String reason) {}

  Gate(HostPort at, @Nullable String token) {
    this.at = at;
    this.token = token;
  }

  @Nullable Refusal check(HttpExchange exchange) {
    String wanted = token;
    if (wanted != null) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      boolean isRight =
          given != null
              && MessageDigest.isEqual(
                  given.getBytes(StandardCharsets.UTF_8),
                  ("Bearer " + wanted).getBytes(StandardCharsets.UTF_8));
      if (isRight) {
        return null;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      return new Refusal(401, "send the token: Authorization: Bearer ...");
    }
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || !isLocal(host)) {
      return new Refusal(421, "this address answers to its own name only: " + at);
    }
    if (exchange.getRequestHeaders().containsKey("Origin") && !isOwnOrigin(exchange, host)) {
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

  private static boolean isOwnOrigin(HttpExchange exchange, String host) {
    return ("http://" + host).equals(exchange.getRequestHeaders().getFirst("Origin"));
  }

  private static boolean isLocal(String host) {
    try {
      return HostPort.parse(host, 80).isLoopback();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
