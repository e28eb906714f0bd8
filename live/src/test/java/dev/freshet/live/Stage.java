package dev.freshet.live;

import dev.freshet.base.HostPort;
import dev.freshet.base.Meters;
import dev.freshet.base.Time;
import dev.freshet.edge.Edge;
import dev.freshet.edge.EdgeConfig;
import dev.freshet.edge.FrontConfig;
import dev.freshet.edge.OriginConfig;
import dev.freshet.edge.OriginUrl;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Freshness;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.testkit.ScriptedOrigin;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Live updates behind a real edge, before an app of rows that a test writes by hand: `/rows/k` is
/// the row for everybody, `/mine/k` what it looks like to the user in the cookie `user`, `/clock`
/// is made from nothing known.
final class Stage implements AutoCloseable {
  private static final long TABLE = 16_384;
  private static final int KEY = 1;

  final Freshness freshness = new Freshness(1 << 14);
  final Freshness.Feed feed = freshness.feed();
  final Meters meters = new Meters();
  final Map<String, String> rows = new ConcurrentHashMap<>();
  final AtomicInteger fetches = new AtomicInteger();
  final ScriptedOrigin origin;
  final Edge edge;
  Live live;
  private final LiveConfig config;
  private final ExecutorService app = Executors.newFixedThreadPool(4, Thread.ofVirtual().factory());
  private final AtomicLong position = new AtomicLong(1_000);
  private final AtomicLong history = new AtomicLong();

  /// What browsers have reported.
  final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

  volatile String page = "";

  /// A status that the app answers everything with, 0 for as it should.
  volatile int status;

  /// How often the app fails before it answers for row `sick`.
  final AtomicInteger failures = new AtomicInteger();

  /// Called after the app has read and before it answers.
  volatile Runnable slow = () -> {};

  Stage() {
    this(LiveConfig.defaults());
  }

  Stage(LiveConfig config) {
    this.config = config;
    origin = ScriptedOrigin.start(this::play);
    edge =
        Edge.start(
            EdgeConfig.defaults(
                FrontConfig.defaults(new HostPort("127.0.0.1", 0)),
                OriginConfig.defaults(List.of(OriginUrl.parse(origin.url())))),
            Time.system(),
            meters);
    attach();
    live = open();
  }

  /// What browsers get by plain HTTP: rows, the page, and an ear for what the page reports.
  private void play(ScriptedOrigin.Peer peer) throws IOException {
    String head = peer.head();
    while (!head.isEmpty()) {
      String target = head.split(" ", 3)[1];
      String type = "text/html";
      String body = "hello";
      if (target.startsWith("/rows/")) {
        type = "application/json";
        String key = target.substring(6);
        body = "{\"key\": \"%s\", \"value\": %s}".formatted(key, rows.get(key));
      } else if (target.startsWith("/page")) {
        body = page;
      } else if (target.startsWith("/report?")) {
        reports.add(target.substring(8));
      }
      byte[] octets = body.getBytes(StandardCharsets.UTF_8);
      peer.send(
          "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Type: %s\r\n".formatted(type));
      peer.send("Content-Length: " + octets.length + "\r\n\r\n");
      peer.send(octets);
      head = peer.head();
    }
  }

  private Live open() {
    Live opened = Live.open(config, freshness, this::fetch, Time.system(), meters);
    edge.serve(Live.CHANNEL, opened.channel());
    edge.serve(Live.SCRIPT, opened.script());
    return opened;
  }

  /// The channel's end of a restart: everything it knows is gone.
  void restart() {
    Live old = live;
    old.drain();
    live = open();
    old.close();
  }

  int port() {
    return edge.addresses().getFirst().port();
  }

  void attach() {
    feed.attach(
        history.incrementAndGet(),
        position.get(),
        () -> CompletableFuture.completedFuture(position.get()));
  }

  /// Commits a row: known to the log first, then visible, then published, as in PostgreSQL.
  synchronized void write(String key, @Nullable String value) {
    long at = position.addAndGet(10);
    fold(key, at);
    if (value == null) {
      rows.remove(key);
    } else {
      rows.put(key, value);
    }
    feed.publish(at);
  }

  private void fold(String key, long at) {
    feed.begin(at);
    feed.table(TABLE, at);
    for (int column : feed.watched(TABLE)) {
      feed.rows(TABLE, column, key, at);
    }
    feed.settle();
  }

  CompletableFuture<Fetched> fetch(RequestHead head, InetSocketAddress peer) {
    fetches.incrementAndGet();
    return CompletableFuture.supplyAsync(() -> answer(head), app);
  }

  private Fetched answer(RequestHead head) {
    Freshness.AsOf asOf = freshness.asOf();
    String path = head.path();
    String key = path.substring(path.lastIndexOf('/') + 1);
    String user = user(head.fields());
    String row = rows.get(key);
    slow.run();
    boolean isMine = path.startsWith("/mine/");
    Evidence evidence =
        asOf == null || path.equals("/clock")
            ? null
            : freshness.evidence(asOf, List.of(new Dependency.Rows(TABLE, KEY, key)));
    if (status != 0 || (row == null && !path.equals("/clock"))) {
      return new Fetched(status == 0 ? 404 : status, new Fields(), new byte[0], evidence, null, "");
    }
    if (key.equals("sick") && failures.getAndDecrement() > 0) {
      return new Fetched(503, new Fields(), new byte[0], evidence, null, "");
    }
    if (isMine && user == null) {
      return new Fetched(401, new Fields(), new byte[0], evidence, null, "");
    }
    String body =
        "{\n  \"key\": \"%s\",\n  \"value\": %s%s}"
            .formatted(key, row, isMine ? ", \"user\": \"" + user + "\"" : "");
    return new Fetched(
        200,
        Fields.of("Content-Type", "application/json", "ETag", "\"" + row + "\""),
        body.getBytes(StandardCharsets.UTF_8),
        evidence,
        isMine ? path + " of " + user : path,
        evidence == null ? "untraced-statement" : "");
  }

  private static @Nullable String user(Fields fields) {
    String cookie = fields.first(FieldName.COOKIE);
    return cookie == null ? null : cookie.substring(cookie.indexOf("user=") + 5);
  }

  @Override
  public void close() {
    live.close();
    edge.close();
    origin.close();
    app.shutdownNow();
  }
}
