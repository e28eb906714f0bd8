package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request and its answer, on the client's event loop from first byte to last.
///
/// Reads top to bottom as RFC 9111, section 4: may a stored response be used; if not, who fetches;
/// what comes of it.
final class Exchange implements Conversation, Waiter {
  private final Site site;
  private final RequestHead head;
  private final long contentLength;
  private final Client client;
  private final Routes.Route route;
  private final long startedNanos;
  private final Answers answers;

  private String key = "";
  private Lookup.@Nullable Wish wish;
  private @Nullable Resource<StoredResponse> seen;
  private Outcome outcome = Outcome.MISS;
  private @Nullable Reason notStored;
  private UpstreamFailure.@Nullable Kind failedBy;
  private boolean stored;
  private boolean collapsed;
  private boolean lookedAgain;
  private int originStatus;

  private @Nullable UpstreamCall call;
  private @Nullable Passage passage;
  private @Nullable Fence fence;
  private @Nullable Fill fill;
  private @Nullable Learning led;
  private @Nullable TrackReader reader;
  private @Nullable ScheduledFuture<?> patience;
  private @Nullable Coding coding;
  private boolean contentEnded;
  private boolean gone;
  private boolean over;
  private boolean isAhead;

  Exchange(Site site, RequestHead head, long contentLength, Client client) {
    this.site = site;
    this.head = ContentName.without(head);
    this.contentLength = contentLength;
    this.client = client;
    this.route = site.routes().of(head);
    this.startedNanos = site.time().nanos();
    this.answers = new Answers(site, this, this.head, ContentName.of(head.target()), client);
  }

  void begin() {
    Forwarding.dropNominated(head.fields());
    String method = head.method();
    boolean isRead = method.equals("GET") || method.equals("HEAD");
    if (!isRead) {
      pass(Outcome.METHOD);
      return;
    }
    if (Speculation.is(head) && site.finishing().isOn(route)) {
      fetchAhead();
      return;
    }
    boolean isPlain =
        contentLength == 0
            && !head.fields().has(FieldName.UPGRADE)
            && !Conditions.needOrigin(head.fields());
    if (!isPlain || !route.rule().cache()) {
      pass(Outcome.BYPASS);
      return;
    }
    CacheDirectives directives = CacheDirectives.ofRequest(head.fields());
    if (directives.noStore()) {
      pass(Outcome.REQUEST);
      return;
    }
    wish = new Lookup.Wish(head, directives, hasCredentials());
    key = site.keys().of(head, route.rule());
    consider(site.cache().heap(key), site.cache().hasSecondTier());
  }

  /// Nobody has asked for it yet: from memory, or not at all.
  private void fetchAhead() {
    isAhead = true;
    wish = new Lookup.Wish(head, CacheDirectives.ofRequest(head.fields()), hasCredentials());
    key = site.keys().of(head, route.rule());
    long now = site.time().millis();
    if (site.lookup().find(site.cache().heap(key), wish(), now)
        instanceof Lookup.Found.Fresh(var entry)) {
      use(entry, Outcome.HIT, now);
    } else {
      answers.error(503, "This page is not fetched ahead");
    }
  }

  boolean hasCredentials() {
    return route.rule().share() == Share.BY_RESPONSE
        && (head.fields().has(FieldName.AUTHORIZATION) || hasSession());
  }

  private boolean hasSession() {
    return route.rule().share() == Share.BY_RESPONSE
        && Cookies.hasSession(head.fields(), site.sessionCookies());
  }

  private Lookup.Wish wish() {
    Lookup.Wish known = wish;
    if (known == null) {
      throw new IllegalStateException("asked the cache before the wish was known");
    }
    return known;
  }

  private void consider(@Nullable Resource<StoredResponse> resource, boolean mayAskSecond) {
    seen = resource;
    long now = site.time().millis();
    switch (site.lookup().find(resource, wish(), now)) {
      case Lookup.Found.Fresh(var entry) -> use(entry, Outcome.HIT, now);
      case Lookup.Found.Usable(var entry) -> {
        refresh(entry);
        use(entry, Outcome.STALE, now);
      }
      case Lookup.Found.Validate(var entry, var asked) -> {
        if (mayAskSecond && !asked && site.cache().mayHaveNewer(entry)) {
          askSecond();
        } else if (wish().directives().onlyIfCached()) {
          answers.error(504, "Nothing fresh is stored for this request");
        } else {
          fetch(entry, asked ? Outcome.REQUEST : Outcome.EXPIRED);
        }
      }
      case Lookup.Found.Nothing(var why) -> {
        if (mayAskSecond) {
          askSecond();
        } else if (wish().directives().onlyIfCached()) {
          answers.error(504, "Nothing is stored for this request");
        } else {
          fetch(null, why);
        }
      }
    }
  }

  private void askSecond() {
    EventLoop loop = client.loop();
    Resource<StoredResponse> before = seen;
    var _ =
        site.cache()
            .second(key)
            .whenComplete((found, failure) ->
                loop.execute(() -> {
                  if (!gone) {
                    consider(found == null ? before : found.orElse(before), false);
                  }
                }));
  }

  // ---- fetching ----

  private void fetch(@Nullable Entry<StoredResponse> validating, Outcome why) {
    outcome = why;
    if (head.method().equals("HEAD")) {
      pass(why);
      return;
    }
    boolean isRange = head.fields().has(FieldName.RANGE);
    boolean isAlone = isRange || isNotShareable();
    if (!isAlone) {
      Fill running = site.flights().get(key);
      if (running != null ? joined(running) : isStoredSince()) {
        return;
      }
    }
    lead(validating, !isAlone);
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
    if (reader == null && !over) {
      patience =
          client
              .loop()
              .schedule(
                  () -> losePatience(running),
                  site.limits().coalesceWait().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
    return true;
  }

  private void losePatience(Fill running) {
    if (reader == null && running.equals(fill) && !over) {
      running.leave(this);
      goAlone();
    }
  }

  private void lead(@Nullable Entry<StoredResponse> validating, boolean shared) {
    boolean mayValidate = validating != null && !validating.meta().validators().isEmpty();
    Entry<StoredResponse> base =
        mayValidate && !head.fields().has(FieldName.RANGE) ? validating : null;
    boolean keepConditions = base == null && !shared && !head.fields().has(FieldName.RANGE);
    Learning learning = Learning.begin(site, route, head);
    led = learning;
    RequestHead sent =
        Requests.toOrigin(site, route, head, client.peer(), base, keepConditions, learning);
    coding = preferredCoding();
    Fill made = new Fill(site, trip(sent, base, validating, shared, learning), this);
    if (shared && !site.flights().putIfAbsent(key, made)) {
      // Another loop was quicker by a moment: its trip is ours too.
      Fill winner = site.flights().get(key);
      if (winner != null && joined(winner)) {
        led = null;
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
    if (site.lookup().find(now, wish(), millis) instanceof Lookup.Found.Fresh(var entry)) {
      use(entry, Outcome.HIT, millis);
      return true;
    }
    return false;
  }

  private Trip trip(
      RequestHead sent,
      @Nullable Entry<StoredResponse> base,
      @Nullable Entry<StoredResponse> fallback,
      boolean shared,
      Learning learning) {
    return new Trip(
        key,
        head,
        sent,
        route,
        hasSession(),
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

  /// Fetches a newer one while the stale one is served; nobody waits for it.
  private void refresh(Entry<StoredResponse> entry) {
    if (site.flights().get(key) != null) {
      return;
    }
    Entry<StoredResponse> base = entry.meta().validators().isEmpty() ? null : entry;
    Learning learning = Learning.begin(site, route, head);
    RequestHead sent = Requests.toOrigin(site, route, head, client.peer(), base, false, learning);
    Fill made = new Fill(site, trip(sent, base, entry, true, learning), null);
    if (site.flights().putIfAbsent(key, made)) {
      made.start();
    } else {
      learning.drop();
    }
  }

  /// Streams through without the cache.
  private void pass(Outcome why) {
    outcome = why;
    Learning learning = Learning.begin(site, route, head);
    Passage made = new Passage(this, client, learning.clock());
    led = learning;
    passage = made;
    RequestHead sent = Requests.toOrigin(site, route, head, client.peer(), null, true, learning);
    Fence guard = fence(made, learning);
    UpstreamCall begun =
        site.upstreams().send(sent, contentLength, client.loop(), guard == null ? made : guard);
    call = begun;
    made.attach(begun);
    if (guard != null) {
      guard.attach(begun);
    }
    if (contentEnded) {
      begun.contentEnd(new Fields(0));
    }
  }

  /// Null where no database is known: then there is nothing to wait for.
  private @Nullable Fence fence(Passage made, Learning learning) {
    if (!site.database().isThere()) {
      return null;
    }
    Fence guard = new Fence(site, made, learning, Invalidation.isUnsafe(head), client.loop());
    fence = guard;
    return guard;
  }

  // ---- as a waiter ----

  @Override
  public EventLoop loop() {
    return client.loop();
  }

  @Override
  public void interim(ResponseHead interim) {
    if (!gone) {
      client.interim(
          new ResponseHead(interim.status(), Forwarding.withoutHopByHop(interim.fields(), 0)));
    }
  }

  @Override
  public boolean accepts(StoredResponse prospect) {
    return prospect.isWhole()
        && prospect.times().leftMillis(site.time().millis()) > 0
        && Lookup.selects(prospect, head.fields())
        && (prospect.rules().shared() || !hasCredentials());
  }

  @Override
  public void follow(Fill running, FillStream stream) {
    cancelPatience();
    if (gone) {
      return;
    }
    fill = running;
    notStored = stream.isByRows() ? running.doubtSoFar() : null;
    stored = !collapsed && notStored == null;
    originStatus = stream.prospect().head().status();
    if (collapsed) {
      coding = preferredCoding();
    }
    reader = answers.stream(running, stream, coding, collapsed);
  }

  @Override
  public void use(Entry<StoredResponse> entry, Outcome how) {
    use(entry, how, site.time().millis());
  }

  private void use(Entry<StoredResponse> entry, Outcome how, long now) {
    cancelPatience();
    if (!gone) {
      outcome = how;
      fill = null;
      answers.fromEntry(entry, key, now);
    }
  }

  @Override
  public void goAlone() {
    cancelPatience();
    collapsed = false;
    fill = null;
    if (!gone) {
      lead(null, false);
    }
  }

  @Override
  public void lookAgain() {
    cancelPatience();
    fill = null;
    if (gone) {
      return;
    }
    long now = site.time().millis();
    if (site.lookup().find(site.cache().heap(key), wish(), now)
        instanceof Lookup.Found.Fresh(var entry)) {
      use(entry, Outcome.HIT, now);
      return;
    }
    // Overtaken by a change: once more together with others, then by itself.
    collapsed = false;
    boolean isAlone = lookedAgain || isNotShareable();
    lookedAgain = true;
    Fill running = isAlone ? null : site.flights().get(key);
    if (running == null || !joined(running)) {
      lead(null, !isAlone);
    }
  }

  @Override
  public Reply takeOver(UpstreamCall running, Reason reason, Learning learning) {
    Passage made = new Passage(this, client, learning.clock());
    made.attach(running);
    call = running;
    passage = made;
    notStored = reason;
    fill = null;
    Fence guard = fence(made, learning);
    if (guard == null) {
      return made;
    }
    guard.attach(running);
    return guard;
  }

  @Override
  public void failed(UpstreamFailure failure) {
    cancelPatience();
    fill = null;
    fail(failure);
  }

  private void cancelPatience() {
    if (patience != null) {
      patience.cancel(false);
      patience = null;
    }
  }

  // ---- as the conversation's end ----

  @Override
  public void content(ByteBuf data) {
    if (call != null && !over) {
      call.content(data);
      if (!call.isWritable()) {
        client.pauseContent(true);
      }
    } else {
      data.release();
    }
  }

  @Override
  public void contentEnd(Fields trailers) {
    contentEnded = true;
    if (call != null && passage != null && fill == null && notStored == null) {
      call.contentEnd(trailers);
    }
  }

  @Override
  public void writable() {
    if (passage != null) {
      passage.resume();
    } else if (reader != null) {
      reader.pump();
    }
  }

  @Override
  public void gone() {
    gone = true;
    cancelPatience();
    if (passage != null) {
      passage.abandon();
    }
    if (fence != null) {
      fence.abandon();
    }
    Fill running = fill;
    if (running != null) {
      if (reader != null) {
        running.stopReading(reader);
      } else {
        running.leave(this);
      }
    }
    if (!over) {
      finished(0);
    }
  }

  // ---- what a passage asks ----

  /// Looks at a final head before it is sent on; false when the exchange answers otherwise.
  boolean acceptHead(ResponseHead received) {
    originStatus = received.status();
    if (Learning.isEndless(received)) {
      led = null;
    }
    if (gone) {
      return false;
    }
    if (head.method().equals("HEAD")) {
      Heads.learn(site, key, head, route, received, hasSession());
    } else if (!head.method().equals("GET")) {
      Invalidation.after(site, head, route, received);
    }
    return true;
  }

  Outgoing outgoing(ResponseHead received, long length) {
    return Outgoing.of(site, route, head, received, length, cacheStatus());
  }

  void fail(UpstreamFailure failure) {
    if (!gone) {
      outcome = Outcome.ERROR;
      failedBy = failure.kind();
      answers.upstreamError(failure);
    }
  }

  /// An internal fault: this exchange ends, nothing else.
  void fault() {
    outcome = Outcome.ERROR;
    if (fill != null) {
      fill.leave(this);
      fill = null;
    }
    if (!gone && !over) {
      answers.error(500, "Something went wrong here");
    }
  }

  /// What it was answered with, for who asks within the program.
  Answers answers() {
    return answers;
  }

  String key() {
    return key;
  }

  Routes.Route route() {
    return route;
  }

  /// The time, for who measures with it.
  long nanos() {
    return site.time().nanos();
  }

  // ---- books ----

  /// The value of `Cache-Status` for what was decided so far (RFC 9211).
  String cacheStatus() {
    return failedBy != null
        ? site.statusLine().ofFailure(failedBy)
        : site.statusLine().of(outcome, originStatus, stored, collapsed, notStored);
  }

  Outcome outcome() {
    return outcome;
  }

  void outcome(Outcome how) {
    outcome = how;
  }

  /// Closes the books; once.
  void finished(long octets) {
    if (!over) {
      over = true;
      if (isAhead) {
        site.speculation().count(outcome == Outcome.HIT);
        return;
      }
      Learning trip = led;
      if (trip != null && !collapsed) {
        boolean isGood = !gone && outcome != Outcome.ERROR;
        trip.book(site, route.rule(), head, startedNanos, client.sentOf(octets), isGood);
      }
      Outcome booked = collapsed && outcome != Outcome.ERROR ? Outcome.COLLAPSED : outcome;
      route.figures().answered(booked, site.time().nanos() - startedNanos, client.sentOf(octets));
    }
  }
}
