package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Learned;
import dev.freshet.http.Fields;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/* One trip to the origin for one key, for everybody who wants the answer.
 *
 * The trip runs on its leader's event loop. Until the head is there, others that want the
 * same key wait. Then one of four things is true:
 *
 * - the response may be stored: everybody it fits reads along while it arrives (Track), and
 *   it is stored when it is complete;
 * - the origin confirmed a stored entry: everybody gets that;
 * - the response is for the leader alone: the leader takes the stream over with back-pressure
 *   to the origin, the others ask for themselves, and the key is remembered as not shareable
 *   so that the next ones need not wait (hit-for-miss);
 * - there is no response: a stored entry stands in where RFC 5861 allows it, else everybody
 *   gets the error.
 *
 * A response that rows are to keep is handed to its leader as it comes, but to nobody else before
 * it is complete: who came later than the trip began may only have it if none of its rows has
 * changed since then. So the others wait for the end and look it up, as if they came then. Who
 * finds nothing waits for the next trip; that one begins after he has asked, so its answer is his
 * whatever changes meanwhile: nobody waits for more than the rest of one trip and another.
 *
 * What is being stored is read at the origin's speed and held in memory
 *   within a budget for all fills. Content that turns out too large is no longer kept: pieces
 *   die as the readers pass them, and the slowest reader sets the pace.
 */

/// A coalesced fetch: RFC 9111, section 4, allows one answer to satisfy several requests when it is
/// storable.
final class Fill implements Reply {
  private static final long MAX_LAG = 1 << 20;
  private static final int MAX_WAITING = 10_000;

  private final Site site;
  private final Trip trip;
  private final @Nullable Waiter leader;
  private final List<Waiter> waiting = new ArrayList<>();
  private final Readers readers = new Readers();
  private final Harvest harvest;
  private final TrackRoom reservation;
  private final Appraisal appraisal;
  private final CompletableFuture<Optional<Evidence>> grounds = new CompletableFuture<>();
  private final long requestMillis;
  private final long begun;
  private @Nullable UpstreamCall call;
  private @Nullable Reply delegate;
  private @Nullable FillStream stream;
  private @Nullable StreamCoder coder;
  private @Nullable ResponseHead confirmation;
  private @Nullable StoredResponse byTime;
  private boolean confirming;
  private boolean over;
  private boolean keeping;

  Fill(Site site, Trip trip, @Nullable Waiter leader) {
    this.site = site;
    this.trip = trip;
    this.leader = leader;
    this.begun = site.time().nanos();
    this.harvest = new Harvest(site, trip, site.cache().stamp());
    this.reservation = new TrackRoom(site.fillBudget(), site.limits().maxFillBytes());
    this.requestMillis = site.time().millis();
    this.appraisal = new Appraisal(site, trip, harvest, reservation, requestMillis);
    if (leader != null) {
      waiting.add(leader);
    }
  }

  /// Sends the request; on the trip's loop.
  void start() {
    sent(site.upstreams().send(trip.sent(), 0, trip.loop(), this));
  }

  private void sent(UpstreamCall made) {
    if (!over) {
      call = made;
      made.contentEnd(new Fields(0));
    }
  }

  /// As [#start], where the app has leisure; else false, and who has joined looks again.
  boolean startAtLeisure(boolean isSought) {
    boolean isSent = false;
    try {
      UpstreamCall made = site.upstreams().sendAtLeisure(trip.sent(), isSought, trip.loop(), this);
      if (made != null) {
        sent(made);
        isSent = true;
      }
    } finally {
      if (!isSent) {
        cancelCall();
        conclude().forEach(waiter -> onLoop(waiter, waiter::lookAgain));
      }
    }
    return isSent;
  }

  /// Joins a waiting request; false when it is too late or the response does not fit.
  synchronized boolean join(Waiter waiter) {
    if (over || !trip.shared() || waiting.size() >= MAX_WAITING) {
      return false;
    }
    FillStream running = stream;
    if (running == null) {
      return delegate == null && waiting.add(waiter);
    }
    if (!keeping || !waiter.accepts(running.prospect())) {
      return false;
    }
    if (running.isByRows() || waiter.waitsForTheEnd(running)) {
      return waiting.add(waiter);
    }
    show(waiter, running);
    return true;
  }

  /// Whether a purge since it began may cover its answer.
  boolean isOvertaken() {
    return site.cache().isOvertaken(trip.key(), harvest.stamp());
  }

  /// The waiter's client went away, or it waited long enough. Nobody left means nobody asked.
  ///
  /// @return false when it did not wait any more: what it is to do is on the way to its loop
  synchronized boolean leave(Waiter waiter) {
    boolean hasWaited = waiting.remove(waiter);
    if (waiting.isEmpty() && stream == null && delegate == null && leader != null) {
      on(trip.loop(), this::cancelIfUnwanted);
    }
    return hasWaited;
  }

  private void cancelIfUnwanted() {
    synchronized (this) {
      if (over || stream != null || delegate != null || !waiting.isEmpty()) {
        return;
      }
      over = true;
    }
    leave();
    cancelCall();
  }

  /// Why it will not be kept on the strength of rows, as far as that shows by now.
  @Nullable Reason doubtSoFar() {
    return trip.learning().doubtSoFar();
  }

  /// What the answer was made from, whether it was stored or not; empty when that is not known.
  /// Known at the latest when nobody can join any more.
  CompletableFuture<Optional<Evidence>> grounds() {
    return grounds;
  }

  /// Starts a reader on the stream; called on the client's loop.
  TrackReader read(Client client, Track track, Track.Piece from, TrackReader.Finish finish) {
    TrackReader reader =
        new TrackReader(client, track, from, () -> on(trip.loop(), this::resumeIfCaughtUp), finish);
    readers.add(client.loop(), reader);
    client.shares(reservation);
    reader.pump();
    return reader;
  }

  /// A reader's client is gone.
  void stopReading(TrackReader reader) {
    reader.stop();
    readers.remove(reader);
    on(trip.loop(), this::resumeIfCaughtUp);
  }

  @Override
  public void attached() {
    trip.learning().clock().attached();
  }

  @Override
  public void interim(ResponseHead head) {
    if (delegate != null) {
      delegate.interim(head);
    } else if (leader != null) {
      leader.interim(head);
    }
  }

  @Override
  public void head(ResponseHead head, long length) {
    trip.learning().clock().headed();
    Entry<StoredResponse> validating = trip.validating();
    long now = site.time().millis();
    if (validating != null && head.status() == 304) {
      confirmation = head;
      if (!trip.learning().isWanted()) {
        confirming = true;
        confirm(head, validating, null);
      }
      return;
    }
    Entry<StoredResponse> fallback = trip.fallback();
    boolean isError = head.status() >= 500 && head.status() <= 504 && head.status() != 501;
    if (isError
        && fallback != null
        && !isGone(fallback)
        && Lookup.mayReplaceError(fallback.meta(), now)) {
      cancelCall();
      standIn(fallback);
      return;
    }
    if (trip.learning().hasWritten()) {
      harvest.wrote();
      handOver(head, length, Reason.WROTE);
      return;
    }
    // No switch over patterns: see there.
    Appraisal.Opinion opinion = appraisal.of(head, length, now);
    if (opinion instanceof Appraisal.Opinion.Wanted wanted) {
      begin(wanted);
    } else {
      handOver(head, length, ((Appraisal.Opinion.Refused) opinion).reason());
    }
  }

  private void begin(Appraisal.Opinion.Wanted wanted) {
    FillStream running = wanted.stream();
    byTime = wanted.byTime();
    coder = wanted.coder();
    List<Waiter> all;
    synchronized (this) {
      stream = running;
      keeping = true;
      all = new ArrayList<>(waiting);
      waiting.clear();
    }
    for (Waiter waiter : all) {
      if (waiter.equals(leader)) {
        lead(waiter, running);
      } else if (!join(waiter)) {
        onLoop(waiter, waiter::goAlone);
      }
    }
  }

  private void lead(Waiter waiter, FillStream running) {
    if (waiter.waitsForTheEnd(running)) {
      synchronized (this) {
        waiting.add(waiter);
      }
    } else {
      show(waiter, running);
    }
  }

  /// Brings who waits to the stream, on his own loop.
  private void show(Waiter waiter, FillStream running) {
    readers.expect();
    onLoop(
        waiter,
        () -> {
          waiter.follow(this, running);
          if (!readers.came()) {
            on(trip.loop(), this::resumeIfCaughtUp);
          }
        });
  }

  @Override
  public void content(ByteBuf data) {
    if (delegate != null) {
      delegate.content(data);
      return;
    }
    FillStream running = stream;
    if (running == null) {
      data.release();
      return;
    }
    try {
      byte[] octets = ByteBufUtil.getBytes(data);
      running.append(octets);
      if (coder != null && running.coded() != null) {
        long since = site.time().nanos();
        ByteBuf out = coder.encode(data.retain(), running.length() < 0, since);
        trip.learning().clock().codedSince(since);
        running.coded().append(ByteBufUtil.getBytes(out));
        out.release();
      }
    } finally {
      data.release();
    }
    if (keeping) {
      boolean fits =
          running.length() >= 0
              || running.plain().written() <= site.maxEntryBytes(trip.route().rule());
      if (!fits || !reservation.growTo(running.weight())) {
        stopKeeping(fits ? Reason.BUSY : Reason.TOO_LARGE);
      }
    }
    readers.wake();
    if (!keeping && readers.lag() > MAX_LAG && call != null) {
      call.pauseContent(true);
    }
  }

  @Override
  public void end(Fields trailers) {
    if (delegate != null) {
      delegate.end(trailers);
      return;
    }
    TripClock clock = trip.learning().clock();
    clock.ended();
    call = null;
    if (leader == null) {
      trip.book(site);
    }
    FillStream running = stream;
    if (running == null) {
      ended();
      return;
    }
    if (coder != null && running.coded() != null) {
      long since = site.time().nanos();
      ByteBuf out = coder.finish();
      clock.codedSince(since);
      running.coded().append(ByteBufUtil.getBytes(out));
      out.release();
      coder = null;
    }
    Track.Piece plainStart = running.plainStart();
    if (keeping && running.isByRows()) {
      trip.learning().end(trip.loop(), learned -> settle(running, plainStart, learned));
    } else {
      trip.learning().drop();
      if (keeping) {
        harvest.store(running.prospect(), running, plainStart, null);
      }
      land();
      dismiss().forEach(waiter -> onLoop(waiter, waiter::lookAgain));
    }
    running.end(trailers);
    readers.wake();
  }

  /// A 304 is complete.
  private void ended() {
    Entry<StoredResponse> validating = trip.validating();
    ResponseHead confirmed = confirmation;
    if (confirming || validating == null || confirmed == null) {
      trip.learning().drop();
      over = true;
      return;
    }
    confirming = true;
    trip.learning()
        .end(trip.loop(), learned -> confirm(confirmed, validating, harvest.evidence(learned)));
  }

  /// Stores it by what was learned of it, and lets the others look.
  private void settle(FillStream running, Track.Piece plainStart, Learned learned) {
    Evidence evidence = harvest.evidence(learned);
    grounds.complete(Optional.ofNullable(evidence));
    StoredResponse terms = evidence == null ? byTime : running.prospect();
    boolean isOvertaken = false;
    if (terms != null) {
      isOvertaken = !harvest.store(terms, running, plainStart, evidence) && evidence != null;
    } else if (leader != null) {
      // Why one that nobody waited for can't be kept says little of those that will be waited for.
      site.hitForMiss().mark(trip.key());
    }
    land();
    for (Waiter waiter : dismiss()) {
      // Who asked before the trip began could have made it himself: it is as new as his own answer
      // would be. Else nobody would ever share what changes while it is made.
      if (isOvertaken && waiter.since() - begun < 0) {
        show(waiter, running);
      } else {
        onLoop(waiter, waiter::lookAgain);
      }
    }
  }

  @Override
  public void failed(UpstreamFailure failure) {
    if (delegate != null) {
      delegate.failed(failure);
      return;
    }
    FillStream running = stream;
    call = null;
    cancelCall();
    if (running != null) {
      land();
      dismiss().forEach(waiter -> onLoop(waiter, waiter::goAlone));
      readers.wake();
      return;
    }
    if (confirming) {
      over = true;
    } else if (trip.fallback() != null
        && !isGone(trip.fallback())
        && Lookup.mayStandIn(trip.fallback().meta(), site)) {
      standIn(trip.fallback());
    } else {
      for (Waiter waiter : conclude()) {
        onLoop(waiter, () -> waiter.failed(failure));
      }
    }
  }

  @Override
  public void writable() {
    if (delegate != null) {
      delegate.writable();
    }
  }

  /// The origin says that what is stored is still right (RFC 9111, section 4.3.3).
  ///
  /// @param evidence what it made that answer from, where that is known
  private void confirm(ResponseHead head, Entry<StoredResponse> old, @Nullable Evidence evidence) {
    long now = site.time().millis();
    ResponseHead received = site.forwarding().received(head, now);
    if (!Freshening.isSame(old.meta().validators(), received.fields())) {
      site.cache().remove(trip.key());
      for (Waiter waiter : conclude()) {
        onLoop(waiter, waiter::goAlone);
      }
      return;
    }
    Entry<StoredResponse> fresh =
        site.freshen(
            old,
            new Site.Validated(
                trip.key(),
                trip.asked(),
                trip.route(),
                trip.hasSession(),
                received,
                requestMillis,
                now,
                harvest.stamp(),
                evidence));
    boolean isKept = !fresh.equals(old);
    for (Waiter waiter : conclude()) {
      boolean isLeader = waiter.equals(leader);
      if (!isLeader && trip.learning().isWanted()) {
        onLoop(waiter, waiter::lookAgain);
      } else if (!isLeader && !isKept) {
        // What the app now says of it forbids to give it to anybody else.
        onLoop(waiter, waiter::goAlone);
      } else {
        Outcome outcome = isLeader ? Outcome.REVALIDATED : Outcome.COLLAPSED;
        onLoop(waiter, () -> waiter.use(fresh, outcome));
      }
    }
  }

  /// Whether a purge has ended it since the trip began.
  private boolean isGone(Entry<StoredResponse> entry) {
    Resource<StoredResponse> there = isOvertaken() ? site.cache().heap(trip.key()) : null;
    boolean isThere = !isOvertaken();
    for (int i = 0; there != null && i < there.size(); i++) {
      isThere |= there.get(i).equals(entry);
    }
    return !isThere || site.cache().standing(entry) == Standing.GONE;
  }

  private void standIn(Entry<StoredResponse> entry) {
    for (Waiter waiter : conclude()) {
      onLoop(waiter, () -> waiter.use(entry, Outcome.STALE));
    }
  }

  private void handOver(ResponseHead head, long length, Reason reason) {
    trip.route().figures().notStored(reason);
    if (reason != Reason.BUSY && reason != Reason.REQUEST_NO_STORE) {
      site.hitForMiss().mark(trip.key());
    }
    List<Waiter> all = conclude();
    Reply next = null;
    for (Waiter waiter : all) {
      if (waiter.equals(leader) && call != null) {
        next = waiter.takeOver(call, reason, trip.learning());
      } else {
        onLoop(waiter, waiter::goAlone);
      }
    }
    if (next == null) {
      cancelCall();
    } else {
      delegate = next;
      next.head(head, length);
    }
  }

  private synchronized List<Waiter> conclude() {
    List<Waiter> all = dismiss();
    over = true;
    leave();
    return all;
  }

  private synchronized List<Waiter> dismiss() {
    List<Waiter> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  /// Nobody can join it any more.
  private void leave() {
    site.flights().remove(trip.key(), this);
    grounds.complete(Optional.empty());
  }

  private void land() {
    close();
    leave();
    reservation.giveBack();
  }

  /// Nobody can read it from its beginning any more, so that dies with who has passed it.
  private synchronized void close() {
    over = true;
    keeping = false;
    stream = stream == null ? null : stream.forgotten();
  }

  private void stopKeeping(Reason reason) {
    trip.route().figures().notStored(reason);
    if (reason != Reason.BUSY) {
      // That there was no room just now says nothing of the next one.
      site.hitForMiss().mark(trip.key());
    }
    close();
    leave();
    dismiss().forEach(waiter -> onLoop(waiter, waiter::goAlone));
    reservation.giveBack();
    // Who left while it was kept has left it running.
    resumeIfCaughtUp();
  }

  private void cancelCall() {
    trip.learning().giveUp();
    if (coder != null) {
      coder.discard();
      coder = null;
    }
    if (stream != null) {
      stream.fail();
    }
    UpstreamCall running = call;
    call = null;
    if (running != null) {
      running.cancel();
    }
  }

  private void resumeIfCaughtUp() {
    if (keeping || stream == null || call == null) {
      return;
    }
    long lag = readers.lag();
    if (lag < 0) {
      cancelCall();
    } else if (lag <= MAX_LAG / 2) {
      call.pauseContent(false);
    }
  }

  private static void onLoop(Waiter waiter, Runnable task) {
    on(waiter.loop(), task);
  }

  private static void on(EventLoop loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }
}
