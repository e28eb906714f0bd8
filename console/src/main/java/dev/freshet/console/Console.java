package dev.freshet.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.base.HostPort;
import dev.freshet.base.Trouble;
import java.io.CharConversionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The admin API, listening.
public final class Console implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("freshet.console");
  private static final int MAX_CONTENT = 1 << 20;
  private final ObjectMapper json =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AdminSources sources;
  private final Gate gate;

  private Console(HttpServer server, Gate gate, AdminSources sources) {
    this.server = server;
    this.gate = gate;
    this.sources = sources;
  }

  /// Binds and answers; throws [Trouble.Found] when the address can't be had, or lies beyond
  /// loopback and there is no token.
  ///
  /// @param token demanded from everybody when not null
  public static Console open(HostPort at, @Nullable String token, AdminSources sources) {
    if (token == null && !at.isLoopback()) {
      throw new Trouble.Found(
          new Trouble(
              "admin " + at,
              "an address beyond loopback needs a token",
              "set one, or listen on 127.0.0.1"));
    }
    HttpServer server;
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName(at.host()), at.port()), 0);
    } catch (IOException e) {
      throw new Trouble.Found(
          new Trouble(
              "admin " + at,
              "the address can't be bound (" + e.getMessage() + ")",
              "stop what uses it, or choose another with --admin"));
    }
    Console console = new Console(server, new Gate(at, token), sources);
    server.setExecutor(console.threads);
    server.createContext("/", console::answer);
    server.start();
    return console;
  }

  /// Where it listens, with the port the system chose where none was given.
  public HostPort address() {
    InetSocketAddress at = server.getAddress();
    return new HostPort(at.getAddress().getHostAddress(), at.getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer out;
      try {
        Gate.Refusal refusal = gate.check(exchange);
        out = refusal != null ? error(refusal.status(), refusal.reason()) : route(exchange);
      } catch (Trouble.Found e) {
        out = troubles(409, e);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "an admin request failed", e);
        out = error(500, "something went wrong here; see the log");
      }
      byte[] content = out.text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", out.type());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
      exchange.getResponseHeaders().set("Content-Security-Policy", Page.policy());
      if (!out.allow().isEmpty()) {
        exchange.getResponseHeaders().set("Allow", out.allow());
      }
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(out.status(), isHead ? -1 : content.length);
      if (!isHead) {
        exchange.getResponseBody().write(content);
      }
    }
  }

  /// @param allow methods for a 405, else empty
  private record Answer(int status, String type, String text, String allow) {
    Answer(int status, String type, String text) {
      this(status, type, text, "");
    }
  }

  private Answer route(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean isRead =
        exchange.getRequestMethod().equals("GET") || exchange.getRequestMethod().equals("HEAD");
    boolean isPost = exchange.getRequestMethod().equals("POST");
    return switch (path) {
      case "/", "/metrics", "/status", "/routes", "/pool" ->
          isRead ? read(path) : notAllowed("GET, HEAD");
      case "/bottlenecks" ->
          isRead ? read(path) : isPost ? forget() : notAllowed("GET, HEAD, POST");
      case "/statements" ->
          isRead ? statements(exchange.getRequestURI().getQuery()) : notAllowed("GET, HEAD");
      case "/why", "/.freshet/why" ->
          isRead ? why(exchange.getRequestURI().getRawQuery()) : notAllowed("GET, HEAD");
      case "/purge" -> isPost ? told(exchange, this::purge) : notAllowed("POST");
      case "/pause" -> isPost ? object(200, sources.pause().get()) : notAllowed("POST");
      case "/resume" -> isPost ? object(200, sources.resume().get()) : notAllowed("POST");
      case "/optimize" -> isPost ? told(exchange, this::optimize) : notAllowed("POST");
      case "/recording" ->
          isRead
              ? object(200, sources.recording().get())
              : isPost
                  ? told(exchange, order -> done(sources.record(), order))
                  : notAllowed("GET, HEAD, POST");
      case "/warm" ->
          isRead
              ? object(200, sources.warming().get())
              : isPost
                  ? told(exchange, order -> done(sources.warm(), order))
                  : notAllowed("GET, HEAD, POST");
      case "/reload" -> isPost ? reload() : notAllowed("POST");
      default -> error(404, "there is no " + path + "; see / for what there is");
    };
  }

  private Answer read(String path) {
    return switch (path) {
      case "/metrics" ->
          new Answer(
              200, "text/plain; version=0.0.4; charset=utf-8", Prometheus.text(sources.meters()));
      case "/status" -> object(200, sources.status().get());
      case "/routes" -> object(200, sources.routes().get());
      case "/pool" -> object(200, sources.pool().get());
      case "/bottlenecks" -> object(200, sources.bottlenecks().get());
      default -> new Answer(200, "text/html; charset=utf-8", Page.html());
    };
  }

  private Answer statements(@Nullable String query) {
    try {
      StatementsQuery wanted = StatementsQuery.read(query == null ? "" : query);
      return object(200, sources.statements().apply(wanted));
    } catch (IllegalArgumentException e) {
      return error(400, String.valueOf(e.getMessage()));
    }
  }

  private Answer why(@Nullable String query) {
    String url = null;
    for (String pair : (query == null ? "" : query).split("&", -1)) {
      if (pair.startsWith("url=")) {
        url = URLDecoder.decode(pair.substring(4), StandardCharsets.UTF_8);
      }
    }
    if (url == null || url.isEmpty()) {
      return error(400, "say which: /why?url=http://shop.example/a, percent-encoded");
    }
    try {
      return object(200, sources.why().apply(url));
    } catch (IllegalArgumentException e) {
      return error(400, "url: " + e.getMessage());
    }
  }

  private Answer notAllowed(String methods) {
    Answer plain = error(405, "use " + methods + " here");
    return new Answer(plain.status(), plain.type(), plain.text(), methods);
  }

  private Answer forget() {
    sources.forget().run();
    return object(200, Map.of("forgotten", true));
  }

  private Answer reload() {
    sources.reload().run();
    return object(200, Map.of("reloaded", true));
  }

  /// Does what the content, JSON, tells.
  private Answer told(HttpExchange exchange, Function<JsonNode, Answer> order) throws IOException {
    byte[] content = exchange.getRequestBody().readNBytes(MAX_CONTENT + 1);
    if (content.length > MAX_CONTENT) {
      return error(413, "at most 1 MB; send several requests");
    }
    JsonNode node;
    try {
      node = json.readTree(content);
    } catch (JsonProcessingException e) {
      return error(400, "this is not JSON: " + e.getOriginalMessage());
    } catch (CharConversionException e) {
      return error(400, "this is not JSON: it is not text");
    }
    return order.apply(node);
  }

  private Answer optimize(JsonNode node) {
    JsonNode on = node.path("on");
    if (!on.isBoolean() || node.size() != 1) {
      return error(400, "send {\"on\": false}, or true");
    }
    return object(200, sources.optimize().apply(on.booleanValue()));
  }

  private Answer done(Function<JsonNode, Object> how, JsonNode order) {
    try {
      return object(200, how.apply(order));
    } catch (IllegalArgumentException e) {
      return error(400, String.valueOf(e.getMessage()));
    }
  }

  private Answer purge(JsonNode node) {
    try {
      PurgeOrder order = PurgeOrders.read(node);
      return order.isEmpty()
          ? error(400, "nothing to purge: give urls, groups, tables, prefix or \"all\": true")
          : object(200, sources.purge().apply(order));
    } catch (IllegalArgumentException e) {
      return error(400, String.valueOf(e.getMessage()));
    }
  }

  private Answer object(int status, Object value) {
    try {
      return new Answer(
          status,
          "application/json",
          json.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a figure can't be written as JSON", e);
    }
  }

  private Answer error(int status, String reason) {
    return object(status, Map.of("error", reason));
  }

  private Answer troubles(int status, Trouble.Found found) {
    return object(status, Map.of("error", "refused as a whole", "troubles", found.troubles()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
