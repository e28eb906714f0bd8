package dev.freshet.freshness;

import dev.freshet.base.Time;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The trips to the app that are under way, by trace-id: where who sends a request and who sees its
/// statements meet.
public final class Trails {
  /// Traces of trips that have ended are remembered so long, for statements that come late.
  private static final int RECENT = 8_192;

  /// So long an app may be at work for a request that nobody waits for any more.
  private static final long AT_WORK_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Freshness freshness;
  private final Time time;
  private final Map<TraceId, Trail> open = new ConcurrentHashMap<>();
  private final Map<TraceId, Boolean> ended = new ConcurrentHashMap<>();

  /// When those of them were that the app may be at work for still.
  private final Map<TraceId, Long> givenUp = new ConcurrentHashMap<>();

  private final TraceId[] ring = new TraceId[RECENT];
  private int next;
  private final VisitorTables visitorTables = new VisitorTables();
  private final TripBook book = new TripBook();
  private volatile Set<Long> bookkeeping = Set.of();

  public Trails(Freshness freshness, Time time) {
    this.freshness = freshness;
    this.time = time;
  }

  /// By which their answers are judged.
  public Freshness freshness() {
    return freshness;
  }

  /// What trips have spent their time on.
  public TripBook book() {
    return book;
  }

  /// Tables whose rows belong to one visitor and are touched by nearly every request, as a
  /// session's last visit: what is read and written there makes no answer another.
  public void bookkeeping(Set<Long> relations) {
    bookkeeping = Set.copyOf(relations);
  }

  /// Whether what is read and written there makes no answer another.
  public boolean isBookkeeping(long relation) {
    return bookkeeping.contains(relation);
  }

  /// Tables that look like bookkeeping, and were not named yet.
  public VisitorTables visitorTables() {
    return visitorTables;
  }

  /// Begins a trip. Call before anything is sent to the app.
  ///
  /// @param wanted the trace-id that came with the request; another is taken where somebody has it
  /// @param random makes one where none came
  public Trail open(@Nullable TraceId wanted, String route, RandomGenerator random) {
    TraceId id = wanted == null ? TraceId.random(random) : wanted;
    while (true) {
      Trail trail = new Trail(this, id, route, time.nanos(), freshness.asOf());
      if (!ended.containsKey(id) && open.putIfAbsent(id, trail) == null) {
        return trail;
      }
      id = TraceId.random(random);
    }
  }

  /// The trip under way with this trace; null when there is none.
  public @Nullable Trail find(TraceId id) {
    return open.get(id);
  }

  /// Whether a trip with this trace has ended a short while ago: its statements belong to nobody
  /// else.
  public boolean hasEnded(TraceId id) {
    return ended.containsKey(id);
  }

  /// Whether a trip with this trace was given up a short while ago, so that the app may be at work
  /// for it still, and for nobody else with what it has prepared for that.
  public boolean isGivenUp(TraceId id) {
    Long since = givenUp.get(id);
    return since != null && time.nanos() - since < AT_WORK_NANOS;
  }

  /// Whether any trip is under way.
  public boolean areOpen() {
    return !open.isEmpty();
  }

  /// A statement was seen that may belong to any trip under way.
  public void unclear(Doubt why, String what) {
    open.values().forEach(trail -> trail.unclear(why, what));
  }

  void givenUp(Trail trail) {
    givenUp.put(trail.id(), time.nanos());
  }

  void closed(Trail trail) {
    ended.put(trail.id(), true);
    open.remove(trail.id(), trail);
    synchronized (ring) {
      TraceId oldest = ring[next];
      ring[next] = trail.id();
      next = (next + 1) % RECENT;
      if (oldest != null) {
        ended.remove(oldest);
        givenUp.remove(oldest);
      }
    }
  }
}
