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
import org.jspecify.annotations.Nullable;

/// One request and its answer, on the client's event loop from first byte to last.
///
/// Reads top to bottom as RFC 9111, section 4: may a stored response be used; if not, who fetches;
/// what comes of it.
final class Exchange implements Conversation {
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
  private int originStatus;

  private @Nullable UpstreamCall call;
  private @Nullable Passage passage;
  private @Nullable Fence fence;
  private @Nullable Fetch fetch;
  private @Nullable Learning led;
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
        contentLength == 0 && !Requests.isSwitch(head) && !Conditions.needOrigin(head.fields());
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
      answer(entry, Outcome.HIT, now);
    } else {
      answers.error(503, "This page is not fetched ahead");
    }
  }

  boolean hasCredentials() {
    return route.rule().share() == Share.BY_RESPONSE
        && (head.fields().has(FieldName.AUTHORIZATION) || hasSession());
  }

  boolean hasSession() {
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
    Lookup.Found found = site.lookup().find(resource, wish(), now);
    // No switch over patterns: see Appraisal.
    if (found instanceof Lookup.Found.Fresh(var entry)) {
      answer(entry, Outcome.HIT, now);
    } else if (found instanceof Lookup.Found.Usable(var entry)) {
      new Fetch(site, this, client, wish(), seen).refresh(entry);
      answer(entry, Outcome.STALE, now);
    } else if (found instanceof Lookup.Found.Validate(var entry, var asked)) {
      if (mayAskSecond && !asked && site.cache().mayHaveNewer(entry)) {
        askSecond();
      } else if (wish().directives().onlyIfCached()) {
        answers.error(504, "Nothing fresh is stored for this request");
      } else {
        fetch(entry, asked ? Outcome.REQUEST : Outcome.EXPIRED);
      }
    } else if (mayAskSecond) {
      askSecond();
    } else if (wish().directives().onlyIfCached()) {
      answers.error(504, "Nothing is stored for this request");
    } else {
      fetch(null, ((Lookup.Found.Nothing) found).why());
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

  /// Answers with a stored entry.
  void answer(Entry<StoredResponse> entry, Outcome how, long now) {
    outcome = how;
    if (how == Outcome.HIT && entry.evidence() != null) {
      site.renewals().used(key, entry, route, head);
    }
    answers.fromEntry(entry, key, now);
  }

  // ---- fetching ----

  private void fetch(@Nullable Entry<StoredResponse> validating, Outcome why) {
    outcome = why;
    if (head.method().equals("HEAD")) {
      pass(why);
      return;
    }
    Requests.name(head);
    answers.early();
    Fetch made = new Fetch(site, this, client, wish(), seen);
    fetch = made;
    made.begin(validating);
  }

  /// Streams through without the cache.
  private void pass(Outcome why) {
    outcome = why;
    Requests.name(head);
    answers.early();
    Learning learning = Learning.begin(site, route, head);
    Passage made = new Passage(this, client, learning.clock());
    led = learning;
    passage = made;
    boolean isKeyed = head.method().equals("HEAD");
    RequestHead sent =
        Requests.toOrigin(site, route, head, client.peer(), null, true, isKeyed, learning);
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

  /// A response for this client alone is on its way: it is passed on, and not stored.
  Reply takeOver(UpstreamCall running, Reason reason, Learning learning) {
    Passage made = new Passage(this, client, learning.clock());
    made.attach(running);
    passage = made;
    notStored = reason;
    Fence guard = fence(made, learning);
    if (guard == null) {
      return made;
    }
    guard.attach(running);
    return guard;
  }

  /// A trip's response is on its way to this client.
  ///
  /// @param doubt why it will not be stored, as far as that shows by now
  void streams(int status, @Nullable Reason doubt, boolean isStored) {
    originStatus = status;
    notStored = doubt;
    stored = isStored;
  }

  /// What is to be booked with this exchange's end.
  void learnsBy(@Nullable Learning learning) {
    led = learning;
  }

  /// Null where nothing is to be waited for. A log that is followed only while the app is at work
  /// counts: who has the answer relies on it.
  private @Nullable Fence fence(Passage made, Learning learning) {
    if (!site.database().isThere() && site.database().fence() == null) {
      return null;
    }
    Fence guard = new Fence(site, made, learning, Invalidation.isUnsafe(head), client.loop());
    fence = guard;
    return guard;
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
    if (call != null) {
      call.contentEnd(Forwarding.trailers(trailers));
    }
  }

  @Override
  public void writable() {
    if (passage != null) {
      passage.resume();
    } else if (fetch != null) {
      fetch.pump();
    }
  }

  @Override
  public void gone() {
    gone = true;
    if (passage != null) {
      passage.abandon();
    }
    if (fence != null) {
      fence.abandon();
    }
    if (fetch != null) {
      fetch.leave();
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
      Heads.learn(site, key, head, route, received, hasSession(), hasCredentials());
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
    if (fetch != null) {
      fetch.leave();
    }
    if (!gone && !over) {
      answers.error(500, "Something went wrong here");
    }
  }

  /// What it was answered with, for who asks within the program.
  Answers answers() {
    return answers;
  }

  boolean isGone() {
    return gone;
  }

  boolean isOver() {
    return over;
  }

  private boolean isCollapsed() {
    return fetch != null && fetch.isCollapsed();
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
        : site.statusLine().of(outcome, originStatus, stored, isCollapsed(), notStored);
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
      if (trip != null && !isCollapsed()) {
        boolean isGood = !gone && outcome != Outcome.ERROR;
        trip.book(site, route.rule(), head, startedNanos, client.sentOf(octets), isGood);
      }
      Outcome booked = isCollapsed() && outcome != Outcome.ERROR ? Outcome.COLLAPSED : outcome;
      route.figures().answered(booked, site.time().nanos() - startedNanos, client.sentOf(octets));
    }
  }
}
