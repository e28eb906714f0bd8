package dev.freshet.edge;

import dev.freshet.base.ByteSize;
import dev.freshet.base.FakeTime;
import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.cache.CacheConfig;
import dev.freshet.cache.SecondTierConfig;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.testkit.RawClient;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A whole edge before an origin that a test programs path by path; time stands still until moved.
final class Shopfront implements AutoCloseable {
  final FakeTime time = new FakeTime(1_795_000_000_000L);
  final ScriptedOrigin origin;
  final Edge edge;
  final Meters meters = new Meters();
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final Map<String, Act> acts = new ConcurrentHashMap<>();
  private volatile boolean echo;
  private final List<RawClient> clients = new ArrayList<>();

  /// What the origin does when it has read a head for a path; its connection ends with it.
  @FunctionalInterface
  interface Act {
    void play(ScriptedOrigin.Peer peer, String head) throws Exception;
  }

  /// What the origin answers on a path; `hold`, when given, is waited for between head and content.
  record Page(String head, String content, @Nullable CountDownLatch hold) {}

  Shopfront(RouteRule... rules) {
    this(Set.of(), rules);
  }

  Shopfront(Set<String> sessionCookies, RouteRule... rules) {
    this(null, sessionCookies, rules);
  }

  Shopfront(@Nullable SecondTierConfig second, Set<String> sessionCookies, RouteRule... rules) {
    this(null, null, second, sessionCookies, rules);
  }

  /// One whose time goes by as ours does.
  static Shopfront inRealTime() {
    return new Shopfront(Time.system(), null, null, Set.of());
  }

  /// One before an app whose database is known, whose time goes by as ours does.
  static Shopfront inRealTime(
      Database database, UnaryOperator<EdgeConfig> more, RouteRule... rules) {
    return new Shopfront(Time.system(), database, null, Set.of(), more, Polish.NONE, rules);
  }

  /// One before an app whose database is known.
  static Shopfront on(Database database, @Nullable SecondTierConfig second, RouteRule... rules) {
    return new Shopfront(null, database, second, Set.of(), rules);
  }

  /// Where who waits for another's trip waits so long.
  static EdgeConfig waiting(EdgeConfig c, Duration coalesceWait) {
    return limited(c, c.limits().maxFills(), coalesceWait);
  }

  /// As that, with so much room for what is being fetched.
  static EdgeConfig limited(EdgeConfig c, ByteSize fills, Duration coalesceWait) {
    EdgeConfig.Limits d = c.limits();
    EdgeConfig.Limits limits =
        new EdgeConfig.Limits(
            d.maxEntry(),
            fills,
            d.coalesce(),
            coalesceWait,
            d.bridge(),
            d.hitForMiss(),
            d.renewals());
    return with(c, c.trustForwarded(), limits);
  }

  /// With other limits, and believing or not what it is told of clients.
  static EdgeConfig with(EdgeConfig c, boolean trust, EdgeConfig.Limits limits) {
    return copy(c, c.origin(), c.compression(), c.routes(), trust, limits);
  }

  static EdgeConfig with(EdgeConfig c, OriginConfig origin) {
    return copy(c, origin, c.compression(), c.routes(), c.trustForwarded(), c.limits());
  }

  static EdgeConfig with(EdgeConfig c, CompressionConfig compression) {
    return copy(c, c.origin(), compression, c.routes(), c.trustForwarded(), c.limits());
  }

  static EdgeConfig with(EdgeConfig c, RouteRule rule) {
    return copy(c, c.origin(), c.compression(), List.of(rule), c.trustForwarded(), c.limits());
  }

  private static EdgeConfig copy(
      EdgeConfig c,
      OriginConfig origin,
      CompressionConfig compression,
      List<RouteRule> rules,
      boolean trust,
      EdgeConfig.Limits limits) {
    return new EdgeConfig(
        c.fronts(),
        origin,
        c.cache(),
        compression,
        rules,
        c.ignoredParameters(),
        c.sessionCookies(),
        trust,
        limits,
        c.loops());
  }

  /// One before an app whose database is known, that a test configures beyond that.
  static Shopfront told(Database database, UnaryOperator<EdgeConfig> more, RouteRule... rules) {
    return new Shopfront(null, database, null, Set.of(), more, Polish.NONE, rules);
  }

  /// One that a test configures beyond that.
  static Shopfront told(UnaryOperator<EdgeConfig> more, RouteRule... rules) {
    return new Shopfront(null, null, null, Set.of(), more, Polish.NONE, rules);
  }

  /// One whose pages are made better that way.
  static Shopfront polished(Polish polish, RouteRule... rules) {
    return polished(polish, UnaryOperator.identity(), rules);
  }

  static Shopfront polished(Polish polish, UnaryOperator<EdgeConfig> more, RouteRule... rules) {
    return new Shopfront(null, null, null, Set.of(), more, polish, rules);
  }

  /// Also before an app whose database is known.
  static Shopfront polished(Polish polish, Database database, RouteRule... rules) {
    return new Shopfront(null, database, null, Set.of(), UnaryOperator.identity(), polish, rules);
  }

  private Shopfront(
      @Nullable Time real,
      @Nullable Database database,
      @Nullable SecondTierConfig second,
      Set<String> sessionCookies,
      RouteRule... rules) {
    this(real, database, second, sessionCookies, UnaryOperator.identity(), Polish.NONE, rules);
  }

  private Shopfront(
      @Nullable Time real,
      @Nullable Database database,
      @Nullable SecondTierConfig second,
      Set<String> sessionCookies,
      UnaryOperator<EdgeConfig> more,
      Polish polish,
      RouteRule... rules) {
    origin = ScriptedOrigin.start(this::play);
    EdgeConfig plain =
        EdgeConfig.defaults(
            FrontConfig.defaults(new HostPort("127.0.0.1", 0)),
            OriginConfig.defaults(List.of(OriginUrl.parse(origin.url()))));
    EdgeConfig config =
        new EdgeConfig(
            plain.fronts(),
            plain.origin(),
            new CacheConfig(new ByteSize(32L << 20), 32, second),
            plain.compression(),
            List.of(rules),
            plain.ignoredParameters(),
            sessionCookies,
            false,
            plain.limits(),
            2);
    Time clock = real == null ? time : real;
    edge =
        Edge.start(
            more.apply(config),
            database == null ? Database.none(clock) : database,
            polish,
            clock,
            meters);
  }

  /// From now on unknown paths are answered with their own target.
  void echoTargets() {
    echo = true;
  }

  /// A rule under which responses live as long as their rows stay as they are.
  static RouteRule rows(String match, Share share, String... depends) {
    return RouteRule.plain(match).withShare(share).withRows(new RouteRule.Rows(List.of(depends)));
  }

  static RouteRule rule(String match, Share share, @Nullable Duration ttl) {
    return RouteRule.plain(match).withShare(share).withTtl(ttl);
  }

  /// Content may hold whatever ends content: only its sizes tell where it ends. Faulty chunks are a
  /// fault of the script: the edge sends none.
  private static void takeChunks(ScriptedOrigin.Peer peer) throws IOException {
    String line = peer.until("\r\n");
    while (!line.isEmpty()) {
      int size = Integer.parseInt(line.strip().split(";", 2)[0], 16);
      if (size == 0) {
        while (peer.until("\r\n").length() > 2) {}
        return;
      }
      peer.content(size + 2);
      line = peer.until("\r\n");
    }
  }

  // A script's own faults are kept by the origin and thrown when it is closed.
  @SuppressWarnings("InterruptedExceptionSwallowed")
  private void play(ScriptedOrigin.Peer peer) throws Exception {
    while (true) {
      String head = peer.head();
      if (head.isEmpty()) {
        return;
      }
      String method = head.substring(0, head.indexOf(' '));
      String target = head.split(" ", 3)[1];
      Act act = acts.get(target);
      if (act != null) {
        act.play(peer, head);
        return;
      }
      int at = head.toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length: ");
      if (at >= 0) {
        peer.content(Integer.parseInt(head.substring(at + 18, head.indexOf('\r', at + 18))));
      }
      if (head.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked")) {
        takeChunks(peer);
      }
      Page page = pages.get(method + " " + target);
      page = page != null ? page : pages.get(target);
      if (page == null && echo) {
        String lifetime = target.hashCode() % 2 == 0 ? "Cache-Control: max-age=60\r\n" : "";
        String answer = method.equals("HEAD") ? "" : target;
        peer.send("HTTP/1.1 200 OK\r\n" + lifetime + "Content-Length: " + target.length());
        peer.send("\r\n\r\n" + answer);
        continue;
      }
      if (page == null) {
        peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        continue;
      }
      boolean isConfirmed =
          page.head().contains("ETag: \"v1\"") && head.contains("If-None-Match: \"v1\"");
      if (isConfirmed) {
        peer.send("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nX-Confirmed: yes\r\n");
        peer.send("Cache-Control: max-age=60\r\n\r\n");
        continue;
      }
      peer.send(page.head());
      if (page.hold() != null && !page.hold().await(20, TimeUnit.SECONDS)) {
        return;
      }
      if (!method.equals("HEAD")) {
        peer.send(page.content());
      }
    }
  }

  /// Programs a 200 with a right Content-Length.
  Shopfront page(String target, String content, String... lines) {
    return page(target, content, null, lines);
  }

  Shopfront page(String target, String content, @Nullable CountDownLatch hold, String... lines) {
    StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    head.append("Content-Length: ").append(content.length()).append("\r\n\r\n");
    pages.put(target, new Page(head.toString(), content, hold));
    return this;
  }

  /// Programs whatever is given, octet by octet.
  Shopfront raw(String target, String head, String content) {
    pages.put(target, new Page(head, content, null));
    return this;
  }

  /// Programs the origin step by step.
  Shopfront act(String target, Act act) {
    acts.put(target, act);
    return this;
  }

  /// A connection of its own.
  RawClient client() {
    RawClient client = RawClient.to(edge.addresses().getFirst().port());
    synchronized (clients) {
      clients.add(client);
    }
    return client;
  }

  RawClient.Response get(String target, String... lines) {
    return client().get(target, lines);
  }

  /// As [#get], of a host of any name; with `localhost` browsers use dictionaries.
  RawClient.Response getFrom(String host, String target, String... lines) {
    String fields = lines.length == 0 ? "" : String.join("\r\n", lines) + "\r\n";
    String head = "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields;
    return client().send(head + "\r\n").response();
  }

  /// Fields of a browser that holds that content, and can be answered with what differs.
  static String[] holding(String content, String... more) {
    String name = Dictionary.of(new byte[][] {content.getBytes(StandardCharsets.US_ASCII)}).name();
    String[] all = Arrays.copyOf(more, more.length + 2);
    all[more.length] = "Accept-Encoding: gzip, dcz";
    all[more.length + 1] = "Available-Dictionary: :" + name + ":";
    return all;
  }

  /// How many requests for a path have reached the origin.
  long asked(String target) {
    return origin.heads().stream().filter(head -> head.split(" ", 3)[1].equals(target)).count();
  }

  String lastHead() {
    return origin.heads().getLast();
  }

  /// Value of a counter, summed over its labels.
  long counter(String name) {
    return meters.all().stream()
        .filter(m -> m.id().name().equals(name))
        .mapToLong(m -> m instanceof Meters.Counter c ? c.sum() : 0)
        .sum();
  }

  /// Value of a gauge, summed over its labels.
  double gauge(String name) {
    return meters.all().stream()
        .filter(m -> m.id().name().equals(name))
        .mapToDouble(m -> m instanceof Meters.Gauge g ? g.value().getAsDouble() : 0)
        .sum();
  }

  @Override
  public void close() {
    synchronized (clients) {
      clients.forEach(RawClient::close);
    }
    edge.close();
    origin.close();
  }
}
