package dev.freshet.edge;

import dev.freshet.base.FakeTime;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Freshness;
import dev.freshet.freshness.Nodes;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.Trails;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A database behind a shop, whose change feed and statements a test plays by hand.
final class RowWorld {
  static final long PRODUCTS = 16_384;
  static final long SESSIONS = 16_390;
  static final int ID = 1;
  static final int PRICE = 2;
  static final int STOCK = 3;
  private static final Map<String, Integer> COLUMNS =
      Map.of("id", ID, "price", PRICE, "stock", STOCK);

  final Freshness freshness = new Freshness(1 << 12);
  final Trails trails = new Trails(freshness, new FakeTime(0));
  final AtomicInteger askedForHead = new AtomicInteger();
  private final Database database;
  private final AtomicBoolean isFollowed = new AtomicBoolean(true);

  /// Whether looking a declared table up ends in an internal fault.
  final AtomicBoolean isBroken = new AtomicBoolean();

  private volatile CompletableFuture<Long> head = CompletableFuture.completedFuture(100L);
  private long position = 100;

  RowWorld(@Nullable Duration fence) {
    Map<String, Long> tables = Map.of("products", PRODUCTS, "sessions", SESSIONS);
    database =
        new Database(
            isFollowed::get,
            freshness,
            trails,
            () -> fence,
            name -> {
              if (isBroken.get()) {
                throw new IllegalStateException("the test wants it so");
              }
              return tables.get(name);
            },
            oid -> "table-" + oid,
            (oid, column) -> "table-" + oid + "." + column,
            (oid, column) -> COLUMNS.get(column));
    attach();
  }

  Database database() {
    return database;
  }

  /// No log is followed, until one is.
  void follow(boolean isOn) {
    isFollowed.set(isOn);
    if (isOn) {
      attach();
    } else {
      freshness.feed().detach();
    }
  }

  void attach() {
    freshness.feed().attach(1, position, this::head);
  }

  /// Another node is on the same database.
  void meets(String other) {
    meets("this", other);
  }

  void meets(String self, String other) {
    Nodes nodes = new Nodes(self, 1_000, new FakeTime(0));
    freshness.feed().meets(nodes);
    nodes.seen(nodes.look(), position, List.of(new Nodes.Entry(10, other, position, 1_000)));
  }

  private CompletableFuture<Long> head() {
    askedForHead.incrementAndGet();
    return head;
  }

  /// What the database says where its log ends, as soon as the future is complete.
  void headIs(CompletableFuture<Long> answer) {
    head = answer;
  }

  static Dependency product(int id) {
    return new Dependency.Rows(PRODUCTS, ID, String.valueOf(id));
  }

  /// A transaction that changes a product is told and published; returns its position.
  synchronized long change(int id) {
    position += 10;
    Freshness.Feed feed = freshness.feed();
    feed.begin(position);
    feed.table(PRODUCTS, position);
    feed.watched(PRODUCTS)
        .forEach(column -> feed.rows(PRODUCTS, column, String.valueOf(id), position));
    feed.settle();
    feed.publish(position);
    return position;
  }

  /// As [#change], by an UPDATE of one column.
  synchronized void update(int id, int column) {
    freshness.feed().updated(PRODUCTS, column, position + 10);
    change(id);
  }

  /// A product got a value that compares otherwise.
  synchronized void turn(int id, int column) {
    freshness.feed().turned(PRODUCTS, column, position + 10, comparison -> true);
    update(id, column);
  }

  void publish(long to) {
    freshness.feed().publish(to);
  }

  /// The trip that a request to the app belongs to.
  Trail trail(String requestHead) {
    String parent = traceparent(requestHead);
    TraceId id = Objects.requireNonNull(TraceId.ofTraceparent(parent), parent);
    return Objects.requireNonNull(trails.find(id), "no trip is under way for " + parent);
  }

  static String traceparent(String requestHead) {
    return field(requestHead, "traceparent");
  }

  static String field(String head, String name) {
    for (String line : head.split("\r\n", -1)) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ": ")) {
        return line.substring(name.length() + 2);
      }
    }
    return "";
  }

  /// An app that runs these statements and then answers.
  Shopfront.Act answer(String content, Consumer<Trail> statements, String... lines) {
    return (peer, requestHead) -> {
      statements.accept(trail(requestHead));
      peer.send(ok(content, lines));
    };
  }

  /// An app before which a log begins to be followed while it is at work.
  Shopfront.Act followingMeanwhile(String content) {
    return (peer, requestHead) -> {
      follow(true);
      peer.send(ok(content));
    };
  }

  private static String ok(String content, String... lines) {
    StringBuilder out = new StringBuilder("HTTP/1.1 200 OK\r\n");
    for (String line : lines) {
      out.append(line).append("\r\n");
    }
    return out + "Content-Length: " + content.length() + "\r\n\r\n" + content;
  }

  static Consumer<Trail> reading(Dependency... dependencies) {
    return trail -> trail.reads(List.of(dependencies));
  }

  static Shopfront open(RowWorld world, String... depends) {
    return Shopfront.on(world.database(), null, Shopfront.rows("/**", Share.BY_USER, depends));
  }
}
