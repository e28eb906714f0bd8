package dev.freshet.shop;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.shop.Customers.Customer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/// The shop's HTTP: routes, sessions, one database connection a request, errors. It sends no cache
/// fields, no validators and no compression, and the session cookie on everything.
final class Web implements AutoCloseable {
  /// Requests at work at once, as the thread pool of an ordinary app server; below the hundred
  /// connections that PostgreSQL grants by default.
  static final int WORKERS = 64;

  private static final int WAIT_SECONDS = 30;
  private static final int BODY_MAX = 64 * 1024;
  private static final System.Logger LOG = System.getLogger("shop");

  private final Database database;
  private final StaticFiles files;
  private final List<Route> routes = new ArrayList<>();
  private final Semaphore workers = new Semaphore(WORKERS, true);
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private Web(Database database, StaticFiles files, HttpServer server) {
    this.database = database;
    this.files = files;
    this.server = server;
    routes.addAll(Pages.routes());
    routes.addAll(AccountPages.routes());
    routes.addAll(AdminPages.routes());
    routes.addAll(Api.routes());
  }

  /// Listens there; port 0 takes a free one.
  static Web open(Database database, StaticFiles files, InetSocketAddress at) throws IOException {
    HttpServer server = HttpServer.create(at, 1024);
    Web web = new Web(database, files, server);
    server.createContext("/", web::serve);
    server.setExecutor(web.threads);
    server.start();
    return web;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /// Lets what runs finish, for a second at most.
  @Override
  public void close() {
    server.stop(1);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!workers.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        send(exchange, refused(exchange, Refusal.of(503, "The shop is full."), null), null);
        return;
      }
      try {
        work(exchange);
      } finally {
        workers.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String cookie = cookie(exchange.getRequestHeaders());
    String comment = Trace.comment(exchange.getRequestHeaders().getFirst("Traceparent"));
    Visitor visitor = null;
    Answer answer;
    try (Link link = new Link(database, comment)) {
      try {
        if (cookie != null && path.startsWith("/static/") && Visitor.plausible(cookie)) {
          visitor = new Visitor(cookie, null);
        } else {
          visitor = Visitor.of(cookie, link);
        }
        answer = answer(exchange, path, visitor, link);
      } catch (Refusal refusal) {
        Layout layout = visitor == null ? null : new Layout(link, visitor);
        answer = refused(exchange, refusal, layout);
      }
    } catch (Link.Lost lost) {
      LOG.log(System.Logger.Level.WARNING, "{0} {1}: {2}", exchange.getRequestMethod(), path, lost);
      answer = refused(exchange, Refusal.of(503, "The shop's database does not answer."), null);
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, exchange.getRequestMethod() + " " + path, bug);
      answer = refused(exchange, Refusal.of(500, "Something broke; it was logged."), null);
    }
    send(exchange, answer, visitor);
  }

  private Answer answer(HttpExchange exchange, String path, Visitor visitor, Link link)
      throws IOException {
    String method = exchange.getRequestMethod();
    if (path.startsWith("/static/")) {
      if (!method.equals("GET") && !method.equals("HEAD")) {
        throw Refusal.method(method, "GET, HEAD");
      }
      return files.read(path.substring("/static/".length()));
    }
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      MatchResult match = route.match(path);
      if (match != null && route.takes(method)) {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_MAX + 1);
        if (body.length > BODY_MAX) {
          throw Refusal.of(413, "A body may have 64 KB.");
        }
        Visitor who = authorised(exchange.getRequestHeaders(), visitor, link);
        String target = exchange.getRequestURI().toString();
        return route.handler().answer(new Request(target, match, body, who, link));
      }
      if (match != null) {
        allowed.add(route.method());
        if (route.head()) {
          allowed.add("HEAD");
        }
      }
    }
    throw allowed.isEmpty()
        ? Refusal.missing(path)
        : Refusal.method(method, String.join(", ", allowed));
  }

  /// HTTP Basic says who asks, for scripts that keep no cookies.
  private static Visitor authorised(Headers fields, Visitor visitor, Link link) {
    String field = fields.getFirst("Authorization");
    if (field == null || !field.regionMatches(true, 0, "Basic ", 0, 6)) {
      return visitor;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(field.substring(6).strip());
      String pair = new String(bytes, StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      Customer customer =
          colon < 0
              ? null
              : new Customers(link)
                  .enter(pair.substring(0, colon), pair.substring(colon + 1))
                  .orElse(null);
      if (customer != null) {
        return new Visitor(visitor.session(), customer);
      }
    } catch (IllegalArgumentException e) {
      throw Refusal.bad("The Authorization field is not Base64.");
    }
    throw Refusal.of(401, "Wrong e-mail address or password.");
  }

  private static Answer refused(HttpExchange exchange, Refusal refusal, @Nullable Layout layout) {
    Answer answer;
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("/api/")) {
      answer =
          Answer.json(
              refusal.status(), Map.of("status", refusal.status(), "error", refusal.sentence()));
    } else if (refusal.status() == 401 && exchange.getRequestMethod().equals("GET")) {
      String next = Request.encode(exchange.getRequestURI().toString());
      answer = Answer.see("/login?next=" + next);
    } else {
      answer = Answer.html(refusal.status(), Layout.error(layout, refusal));
    }
    return refusal.allow().isEmpty() ? answer : answer.with("Allow", refusal.allow());
  }

  private static void send(HttpExchange exchange, Answer answer, @Nullable Visitor visitor)
      throws IOException {
    Headers fields = exchange.getResponseHeaders();
    answer.fields().forEach(fields::set);
    String session = answer.session();
    if (session == null && visitor != null) {
      session = visitor.session();
    }
    if (session != null) {
      fields.set("Set-Cookie", Visitor.COOKIE + "=" + session + "; Path=/; HttpOnly; SameSite=Lax");
    }
    byte[] body = answer.body();
    if (exchange.getRequestMethod().equals("HEAD")) {
      fields.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
    } else {
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static @Nullable String cookie(Headers fields) {
    for (String field : fields.getOrDefault("Cookie", List.of())) {
      for (String pair : field.split(";", -1)) {
        String one = pair.strip();
        if (one.startsWith(Visitor.COOKIE + "=")) {
          return one.substring(Visitor.COOKIE.length() + 1);
        }
      }
    }
    return null;
  }
}
