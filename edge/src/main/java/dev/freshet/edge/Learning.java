package dev.freshet.edge;

import dev.freshet.freshness.Dependency;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Learned;
import dev.freshet.freshness.TraceId;
import dev.freshet.freshness.Trail;
import dev.freshet.freshness.TripBook;
import dev.freshet.freshness.Unshown;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What one trip to the app reads and writes in the database, as far as it is seen. Begin it before
/// anything is sent, and end every one.
final class Learning {
  /// Statements still being analysed are waited for so long, then the answer is not kept.
  private static final long PATIENCE_MILLIS = 500;

  private final TripClock clock;
  private final @Nullable Trail trail;
  private final @Nullable String traceparent;
  private final boolean wanted;

  private Learning(
      TripClock clock, @Nullable Trail trail, @Nullable String traceparent, boolean wanted) {
    this.clock = clock;
    this.trail = trail;
    this.traceparent = traceparent;
    this.wanted = wanted;
  }

  static Learning begin(Site site, Routes.Route route, RequestHead head) {
    Database database = site.database();
    TripClock clock = new TripClock(site.time());
    if (!database.isThere()) {
      return new Learning(clock, null, null, false);
    }
    String came = head.fields().first(FieldName.TRACEPARENT);
    TraceId asked = came == null ? null : TraceId.ofTraceparent(came);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Trail trail = database.trails().open(asked, route.rule().match(), random);
    RouteRule.Rows rows = route.rule().rows();
    boolean isRead = head.method().equals("GET") || head.method().equals("HEAD");
    if (rows != null && !rows.depends().isEmpty()) {
      declare(trail, rows, database);
    }
    if (rows != null && isRead) {
      trail.tellsOf(visitor(head));
      omit(trail, rows, database, route.rule().match(), head.path());
    }
    // A trace that nobody else records is not to be recorded behind us either.
    String parent =
        trail.id().equals(asked)
            ? null
            : trail.id().traceparent(Math.max(1, random.nextLong() >>> 1), false);
    return new Learning(clock, trail, parent, rows != null && isRead);
  }

  /// Tells visitors apart by what they bring; 0 for one who brings nothing.
  private static long visitor(RequestHead head) {
    String cookie = head.fields().combined(FieldName.COOKIE);
    String said = head.fields().first(FieldName.AUTHORIZATION);
    return cookie == null && said == null ? 0 : Objects.hash(cookie, said) | (1L << 32);
  }

  private static void omit(
      Trail trail, RouteRule.Rows rows, Database database, String match, String path) {
    if (!rows.unshown().isEmpty() || !rows.unshownBeside().isEmpty()) {
      trail.omits(
          new Unshown(
              columns(rows.unshown(), database),
              columns(rows.unshownBeside(), database),
              RouteRule.atStar(match, path)));
    }
  }

  /// By table; a name that means nothing, or several things, takes nothing away.
  private static Map<Long, Set<Integer>> columns(List<String> names, Database database) {
    Map<Long, Set<Integer>> out = new HashMap<>();
    for (String name : names) {
      int dot = name.lastIndexOf('.');
      Long relation = dot < 0 ? null : database.relation().apply(name.substring(0, dot));
      Integer column =
          relation == null ? null : database.number().apply(relation, name.substring(dot + 1));
      if (relation != null && column != null) {
        out.computeIfAbsent(relation, r -> new HashSet<>()).add(column);
      }
    }
    return out;
  }

  private static void declare(Trail trail, RouteRule.Rows rows, Database database) {
    List<Dependency> tables = new ArrayList<>();
    for (String table : rows.depends()) {
      Long relation = database.relation().apply(table);
      if (relation == null) {
        trail.unclear(Doubt.NOT_ANALYSABLE, "depends: there is no table '" + table + "'");
        return;
      }
      tables.add(new Dependency.Table(relation));
    }
    trail.declares(tables);
  }

  /// When the trip's steps were taken.
  TripClock clock() {
    return clock;
  }

  /// An answer that goes on for as long as the client likes, whose time says nothing.
  static boolean isEndless(ResponseHead head) {
    String type = head.fields().first(FieldName.CONTENT_TYPE);
    return head.status() == 101 || (type != null && type.startsWith("text/event-stream"));
  }

  /// Books what the trip spent its time on; once, when its answer is with who wanted it.
  ///
  /// @param asked when that was asked for
  /// @param isGood false when there was no answer, or nobody left to give it to
  void book(Site site, RouteRule rule, RequestHead head, long asked, long octets, boolean isGood) {
    TripBook book = site.database().trails().book();
    String name = TripName.of(rule, head);
    if (isGood && clock.isAnswered()) {
      book.arrived(name, clock.times(asked, octets), trail);
    } else {
      book.failed(name);
    }
  }

  /// The `traceparent` to send; null to send what came, or nothing.
  @Nullable String traceparent() {
    return traceparent;
  }

  /// Whether the answer is to be kept on the strength of rows.
  boolean isWanted() {
    return wanted;
  }

  /// Why the answer could not be kept if it were complete now; null when it could.
  @Nullable Reason doubtSoFar() {
    Doubt doubt = trail == null ? Doubt.NO_FEED : trail.doubtSoFar();
    return doubt == null ? null : Reason.of(doubt);
  }

  /// Whether it is known to have changed rows.
  boolean hasWritten() {
    return trail != null && trail.hasWritten();
  }

  /// Whether it can't be ruled out that it changed rows.
  boolean mayHaveWritten() {
    return trail == null || trail.mayHaveWritten();
  }

  /// The tables whose rows were changed; null when that is not known.
  @Nullable Collection<Long> written() {
    Set<Long> known = trail == null ? null : trail.written();
    return known == null || known.isEmpty() ? null : known;
  }

  /// Ends it and tells what was learned, on the loop: at once if it can be, and not much later.
  void end(EventLoop loop, Consumer<Learned> then) {
    if (trail == null) {
      then.accept(new Learned.Nothing(Doubt.NO_FEED, ""));
      return;
    }
    CompletableFuture<Learned> learned = trail.close();
    if (learned.isDone()) {
      then.accept(learned.join());
      return;
    }
    AtomicBoolean told = new AtomicBoolean();
    Consumer<Learned> once =
        what -> {
          if (told.compareAndSet(false, true)) {
            then.accept(what);
          }
        };
    ScheduledFuture<?> late =
        loop.schedule(
            () -> once.accept(new Learned.Nothing(Doubt.TOO_SLOW, "")),
            PATIENCE_MILLIS,
            TimeUnit.MILLISECONDS);
    var _ =
        learned.thenAccept(what ->
            loop.execute(() -> {
              late.cancel(false);
              once.accept(what);
            }));
  }

  /// Ends it before there is an answer, or all of one: the app may be at work for it still.
  void giveUp() {
    if (trail != null) {
      trail.giveUp();
    }
  }

  /// Ends it; nobody wants to know.
  void drop() {
    if (trail != null) {
      trail.drop();
    }
  }
}
