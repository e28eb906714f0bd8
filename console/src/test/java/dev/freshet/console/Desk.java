package dev.freshet.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.testkit.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A console on a free port whose sources a test decides, and raw requests to it.
final class Desk implements AutoCloseable {
  final Meters meters = new Meters();
  final List<PurgeOrder> orders = new CopyOnWriteArrayList<>();
  final AtomicInteger reloads = new AtomicInteger();
  volatile Supplier<Object> status = () -> Map.of("version", "1");
  volatile Supplier<Object> routes = () -> Map.of("routes", List.of());
  volatile Supplier<Object> pool = () -> Map.of("pools", "none");
  volatile Supplier<Object> bottlenecks = () -> Map.of("bottlenecks", "none");
  volatile Function<StatementsQuery, Object> statements = query -> Map.of("asked", query);
  volatile Runnable reload = reloads::incrementAndGet;
  final AtomicInteger forgotten = new AtomicInteger();
  private final Console console;

  Desk() {
    this(new HostPort("127.0.0.1", 0), null);
  }

  Desk(HostPort at, @Nullable String token) {
    console =
        Console.open(
            at,
            token,
            new AdminSources(
                meters,
                () -> status.get(),
                () -> routes.get(),
                () -> pool.get(),
                query -> statements.apply(query),
                () -> bottlenecks.get(),
                forgotten::incrementAndGet,
                url -> Map.of("url", url),
                order -> {
                  orders.add(order);
                  return Map.of("purged", orders.size());
                },
                () -> Map.of("paused", true),
                () -> Map.of("paused", false),
                on -> Map.of("on", on),
                () -> Map.of("isOn", false),
                Desk::begun,
                () -> Map.of("waiting", 0),
                order -> Map.of("asked", order.path("urls").size()),
                () -> reload.run()));
  }

  private static Object begun(JsonNode order) {
    if (!order.has("file")) {
      throw new IllegalArgumentException("no file");
    }
    return Map.of("isOn", true);
  }

  HostPort address() {
    return console.address();
  }

  RawClient client() {
    return RawClient.to(address().port());
  }

  /// What came back: text and JSON read as UTF-8.
  record Reply(RawClient.Response response, String text) {
    int status() {
      return response.status();
    }

    String field(String name) {
      return response.field(name);
    }

    JsonNode json() {
      try {
        return new ObjectMapper().readTree(text);
      } catch (JsonProcessingException e) {
        throw new AssertionError("not JSON: " + text, e);
      }
    }

    String error() {
      return json().path("error").asText();
    }
  }

  /// One request on a connection of its own, with exactly these field lines.
  Reply send(String method, String target, List<String> lines, byte[] content) {
    try (RawClient client = client()) {
      return send(client, method, target, lines, content);
    }
  }

  static Reply send(
      RawClient client, String method, String target, List<String> lines, byte[] content) {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    lines.forEach(line -> head.append(line).append("\r\n"));
    if (content.length > 0) {
      head.append("Content-Length: ").append(content.length).append("\r\n");
    }
    client.send(head.append("\r\n").toString()).send(content);
    RawClient.Response response = client.response(method);
    byte[] octets = response.text().getBytes(StandardCharsets.ISO_8859_1);
    return new Reply(response, new String(octets, StandardCharsets.UTF_8));
  }

  Reply ask(String method, String target) {
    return send(method, target, List.of(host()), new byte[0]);
  }

  Reply get(String target) {
    return ask("GET", target);
  }

  Reply post(String target, String json) {
    return post(target, json.getBytes(StandardCharsets.UTF_8));
  }

  Reply post(String target, byte[] content) {
    return send("POST", target, List.of(host(), "Content-Type: application/json"), content);
  }

  /// The field line of a client that uses the console's own address.
  String host() {
    return "Host: " + address();
  }

  @Override
  public void close() {
    console.close();
  }
}
