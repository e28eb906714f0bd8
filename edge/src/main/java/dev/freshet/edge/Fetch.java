package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How an exchange that memory could not answer comes by its answer: along with a trip that is
/// under way, or by one of its own. On the client's event loop, as the exchange is.
final class Fetch implements Waiter {
  /// Whose patience ends oftener than this goes by himself.
  private static final int MOST_SHARED_WAITS = 2;

  private final Site site;
  private final Exchange exchange;
  private final RequestHead head;
  private final Routes.Route route;
  private final Client client;
  private final String key;
  private final Lookup.Wish wish;
  private final @Nullable Resource<StoredResponse> seen;
  private final long since;

  private @Nullable Fill fill;
  private @Nullable TrackReader reader;
  private @Nullable ScheduledFuture<?> patience;
  private @Nullable Coding coding;
  private boolean collapsed;
  private boolean lookedAgain;
  private int impatient;

  /// @param seen what the cache had when it was looked at
  Fetch(
      Site site,
      Exchange exchange,
      Client client,
      Lookup.Wish wish,
      @Nullable Resource<StoredResponse> seen) {
    this.site = site;
    this.exchange = exchange;
    this.head = wish.head();
    this.route = exchange.route();
    this.client = client;
    this.key = exchange.key();
    this.wish = wish;
    this.seen = seen;
    this.since = site.time().nanos();
  }

  /// @param validating what is stored and must be confirmed
  void begin(@Nullable Entry<StoredResponse> validating) {
    boolean isAlone = head.fields().has(FieldName.RANGE) || isNotShareable();
    if (!isAlone) {
      Fill running = running();
      if (running != null ? joined(running) : isStoredSince()) {
        return;
      }
    }
    lead(validating, !isAlone);
  }

  /// Fetches a newer one while the stale one is served; nobody waits for it.
  void refresh(Entry<StoredResponse> entry) {
    if (site.flights().get(key) != null) {
      return;
    }
    Entry<StoredResponse> base = entry.meta().validators().isEmpty() ? null : entry;
    RequestHead asked = Requests.forStored(head, entry.meta());
    Learning learning = Learning.begin(site, route, asked);
    RequestHead sent =
        Requests.toOrigin(site, route, asked, client.peer(), base, false, true, learning);
    Fill made = new Fill(site, trip(asked, sent, base, entry, true, learning), null);
    if (site.flights().putIfAbsent(key, made)) {
      made.start();
    } else {
      learning.drop();
    }
  }

  /// The trip under way for the key; one that began before a purge is none for who asks now.
  private @Nullable Fill running() {
    Fill running = site.flights().get(key);
    if (running != null && running.isOvertaken()) {
      site.flights().remove(key, running);
      return null;
    }
    return running;
  }

  /// Without a feed nobody can tell whether another's answer is not older than the question.
  private boolean isNotShareable() {
    return !site.limits().coalesce()
        || site.hitForMiss().isMarked(key)
        || (route.rule().rows() != null && !site.database().freshness().isAttached());
  }

  /// Waits for another's trip; the answer may come before this returns.
  private boolean joined(Fill running) {
    fill = running;
    collapsed = true;
    if (!running.join(this)) {
      fill = null;
      collapsed = false;
      return false;
    }
    if (reader == null && !exchange.isOver()) {
      bePatient(running);
    }
    return true;
  }

  private void bePatient(Fill running) {
    patience =
        client
            .loop()
            .schedule(
                () -> losePatience(running),
                site.limits().coalesceWait().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  private void losePatience(Fill running) {
    if (reader == null && running.equals(fill) && !exchange.isOver()) {
      if (!running.leave(this)) {
        // It is about to be told what to do, and must not be told by two.
        bePatient(running);
        return;
      }
      // Those who have waited as long begin anew together: an app that is slow because much is
      // asked of it would be asked all the more if each went by himself.
      site.flights().remove(key, running);
      impatient++;
      again(impatient > MOST_SHARED_WAITS);
    }
  }

  private void lead(@Nullable Entry<StoredResponse> validating, boolean shared) {
    boolean mayValidate = validating != null && !validating.meta().validators().isEmpty();
    Entry<StoredResponse> base =
        mayValidate && !head.fields().has(FieldName.RANGE) ? validating : null;
    boolean keepConditions = base == null && !shared && !head.fields().has(FieldName.RANGE);
    Learning learning = Learning.begin(site, route, head);
    exchange.learnsBy(learning);
    RequestHead sent =
        Requests.toOrigin(site, route, head, client.peer(), base, keepConditions, true, learning);
    coding = preferredCoding();
    Fill made = new Fill(site, trip(head, sent, base, validating, shared, learning), this);
    if (shared && !site.flights().putIfAbsent(key, made)) {
      // Another loop was quicker by a moment: its trip is ours too.
      Fill winner = running();
      if (winner != null && joined(winner)) {
        exchange.learnsBy(null);
        learning.drop();
        return;
      }
    }
    fill = made;
    made.start();
  }

  /// Between our look at the cache and at the trips under way another's trip may have ended: it
  /// stores its answer first, so that is there now, and no second trip is needed.
  private boolean isStoredSince() {
    Resource<StoredResponse> now = site.cache().heap(key);
    if (now == null || now.equals(seen)) {
      return false;
    }
    long millis = site.time().millis();
    if (site.lookup().find(now, wish, millis) instanceof Lookup.Found.Fresh(var entry)) {
      use(entry, Outcome.HIT, millis);
      return true;
    }
    return false;
  }

  private Trip trip(
      RequestHead asked,
      RequestHead sent,
      @Nullable Entry<StoredResponse> base,
      @Nullable Entry<StoredResponse> fallback,
      boolean shared,
      Learning learning) {
    return new Trip(
        key,
        asked,
        sent,
        route,
        exchange.hasSession(),
        base,
        fallback,
        preferredCoding(),
        shared,
        learning,
        client.loop());
  }

  private @Nullable Coding preferredCoding() {
    return site.compression().choose(head.fields());
  }

  // ---- as a waiter ----

  @Override
  public EventLoop loop() {
    return client.loop();
  }

  @Override
  public long since() {
    return since;
  }

  @Override
  public void interim(ResponseHead interim) {
    if (!exchange.isGone()) {
      exchange.answers().interim(interim);
    }
  }

  @Override
  public boolean accepts(StoredResponse prospect) {
    return prospect.times().leftMillis(site.time().millis()) > 0 && fits(prospect);
  }

  private boolean fits(StoredResponse response) {
    return response.isWhole()
        && Lookup.selects(response, head.fields())
        && (response.rules().shared() || !wish.hasCredentials());
  }

  /// A script or style sheet means nothing before its last octet is there. So who holds another
  /// version of it loses nothing by waiting for that, and then loads what differs.
  @Override
  public boolean waitsForTheEnd(FillStream stream) {
    StoredResponse prospect = stream.prospect();
    return !stream.isByRows()
        && stream.length() > 0
        && stream.length() <= Dictionaries.MAX_LENGTH
        && prospect.head().status() == 200
        && prospect.codable()
        && ContentTerms.isText(prospect.head().fields())
        && accepts(prospect)
        && site.finishing().level(route, head) != Polish.Level.OFF
        && site.codings().dictionary(head) != null;
  }

  @Override
  public void follow(Fill running, FillStream stream) {
    cancelPatience();
    if (exchange.isGone()) {
      return;
    }
    fill = running;
    Reason doubt = stream.isByRows() ? running.doubtSoFar() : null;
    exchange.streams(stream.prospect().head().status(), doubt, !collapsed && doubt == null);
    if (collapsed) {
      coding = preferredCoding();
    }
    reader = exchange.answers().stream(running, stream, coding, collapsed);
  }

  @Override
  public void use(Entry<StoredResponse> entry, Outcome how) {
    if (collapsed && !fits(entry.meta())) {
      // What was found for the one who leads: when others began to wait nobody knew whom it fits.
      lookAgain();
      return;
    }
    use(entry, how, site.time().millis());
  }

  private void use(Entry<StoredResponse> entry, Outcome how, long now) {
    cancelPatience();
    if (!exchange.isGone()) {
      fill = null;
      exchange.answer(entry, how, now);
    }
  }

  @Override
  public void goAlone() {
    cancelPatience();
    collapsed = false;
    fill = null;
    if (!exchange.isGone()) {
      lead(old(found(site.time().millis())), false);
    }
  }

  @Override
  public void lookAgain() {
    // Overtaken by a change: once more together with others, then by itself.
    boolean isAlone = lookedAgain;
    lookedAgain = true;
    again(isAlone);
  }

  private void again(boolean isLonely) {
    cancelPatience();
    fill = null;
    if (exchange.isGone()) {
      return;
    }
    long now = site.time().millis();
    Lookup.Found found = found(now);
    if (found instanceof Lookup.Found.Fresh(var entry)) {
      if (!collapsed) {
        exchange.streams(entry.meta().head().status(), null, true);
      }
      use(entry, collapsed ? Outcome.HIT : exchange.outcome(), now);
      return;
    }
    collapsed = false;
    boolean isAlone = isLonely || isNotShareable();
    Fill running = isAlone ? null : running();
    if (running == null || !joined(running)) {
      lead(old(found), !isAlone);
    }
  }

  private Lookup.Found found(long now) {
    return site.lookup().find(site.cache().heap(key), wish, now);
  }

  /// What may be confirmed, or stand in for an error.
  private static @Nullable Entry<StoredResponse> old(Lookup.Found found) {
    return switch (found) {
      case Lookup.Found.Usable(var entry) -> entry;
      case Lookup.Found.Validate(var entry, var _) -> entry;
      case Lookup.Found.Fresh _, Lookup.Found.Nothing _ -> null;
    };
  }

  @Override
  public Reply takeOver(UpstreamCall running, Reason reason, Learning learning) {
    fill = null;
    return exchange.takeOver(running, reason, learning);
  }

  @Override
  public void failed(UpstreamFailure failure) {
    cancelPatience();
    fill = null;
    exchange.fail(failure);
  }

  private void cancelPatience() {
    if (patience != null) {
      patience.cancel(false);
      patience = null;
    }
  }

  // ---- what the exchange asks ----

  /// Whether the answer is, or was to be, of another's trip.
  boolean isCollapsed() {
    return collapsed;
  }

  /// The client can take more.
  void pump() {
    if (reader != null) {
      reader.pump();
    }
  }

  /// Nobody wants the answer any more.
  void leave() {
    cancelPatience();
    Fill running = fill;
    fill = null;
    if (running == null) {
      return;
    }
    if (reader != null) {
      running.stopReading(reader);
    } else {
      running.leave(this);
    }
  }
}
