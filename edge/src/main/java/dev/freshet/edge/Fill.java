package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.edge.StoredResponse.Part;
import dev.freshet.http.ByteRanges;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private final List<Reader> readers = new ArrayList<>();
  private final long stamp;
  private final long requestMillis;
  private @Nullable UpstreamCall call;
  private @Nullable Reply delegate;
  private @Nullable Stream stream;
  private @Nullable StreamCoder coder;
  private boolean confirming;
  private boolean over;
  private boolean keeping;
  private long reserved;

  /// What to fetch, for whom.
  ///
  /// @param asked the client's request, for keys and for `Vary`
  /// @param sent the request as the origin gets it
  /// @param validating the entry whose validators were sent, or null
  /// @param fallback a stale entry that may stand in for an error, or null
  /// @param coding the leader's preferred coding, or null for none
  /// @param shared false when nobody may join
  record Trip(
      String key,
      RequestHead asked,
      RequestHead sent,
      Routes.Route route,
      boolean hasSession,
      @Nullable Entry<StoredResponse> validating,
      @Nullable Entry<StoredResponse> fallback,
      @Nullable Coding coding,
      boolean shared,
      EventLoop loop) {}

  /// A response on its way into the cache.
  ///
  /// @param prospect what will be stored, with the length as far as known
  /// @param head status and fields to send, without coding
  /// @param length announced length of the content as the origin sends it, or -1
  /// @param coding in which `coded` is, or null when there is only the content itself
  record Stream(
      StoredResponse prospect,
      ResponseHead head,
      long length,
      Track plain,
      @Nullable Coding coding,
      @Nullable Track coded,
      Track.Piece plainStart,
      Track.@Nullable Piece codedStart) {}

  private record Reader(EventLoop loop, TrackReader reader) {}

  Fill(Site site, Trip trip, @Nullable Waiter leader) {
    this.site = site;
    this.trip = trip;
    this.leader = leader;
    this.stamp = site.cache().stamp();
    this.requestMillis = site.time().millis();
    if (leader != null) {
      waiting.add(leader);
    }
  }

  /// Sends the request; on the trip's loop.
  void start() {
    UpstreamCall made = site.upstreams().send(trip.sent(), 0, trip.loop(), this);
    if (!over) {
      call = made;
      made.contentEnd(new Fields(0));
    }
  }

  /// Joins a waiting request; false when it is too late or the response does not fit.
  synchronized boolean join(Waiter waiter) {
    if (over || !trip.shared() || waiting.size() >= MAX_WAITING) {
      return false;
    }
    Stream running = stream;
    if (running == null) {
      return delegate == null && waiting.add(waiter);
    }
    if (!keeping || !waiter.accepts(running.prospect())) {
      return false;
    }
    onLoop(waiter, () -> waiter.follow(this, running));
    return true;
  }

  /// The waiter's client went away, or it waited long enough. Nobody left means nobody asked.
  synchronized void leave(Waiter waiter) {
    waiting.remove(waiter);
    if (waiting.isEmpty() && stream == null && delegate == null && leader != null) {
      onTripLoop(this::cancelIfUnwanted);
    }
  }

  private void cancelIfUnwanted() {
    synchronized (this) {
      if (over || stream != null || delegate != null || !waiting.isEmpty()) {
        return;
      }
      over = true;
    }
    site.flights().remove(trip.key(), this);
    if (call != null) {
      call.cancel();
    }
  }

  /// Starts a reader on the stream; called on the client's loop.
  TrackReader read(Client client, Track track, Track.Piece from, TrackReader.Finish finish) {
    TrackReader reader =
        new TrackReader(client, track, from, () -> onTripLoop(this::resumeIfCaughtUp), finish);
    synchronized (this) {
      readers.add(new Reader(client.loop(), reader));
    }
    reader.pump();
    return reader;
  }

  /// A reader's client is gone.
  void stopReading(TrackReader reader) {
    reader.stop();
    synchronized (this) {
      readers.removeIf(r -> r.reader().equals(reader));
    }
    onTripLoop(this::resumeIfCaughtUp);
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
    Entry<StoredResponse> validating = trip.validating();
    long now = site.time().millis();
    if (validating != null && head.status() == 304) {
      confirm(head, validating, now);
      return;
    }
    Entry<StoredResponse> fallback = trip.fallback();
    boolean isError = head.status() >= 500 && head.status() <= 504 && head.status() != 501;
    if (isError && fallback != null && Lookup.mayReplaceError(fallback.meta(), now)) {
      cancelCall();
      standIn(fallback);
      return;
    }
    ResponseHead received = site.forwarding().received(head, now);
    Storing.Trip judged =
        new Storing.Trip(
            trip.asked(), trip.route().rule(), trip.hasSession(), received, requestMillis, now);
    switch (Storing.judge(judged)) {
      case Storing.Verdict.Refuse(Reason reason) -> handOver(head, length, reason);
      case Storing.Verdict.Store store -> begin(head, received, length, store);
    }
  }

  private void begin(
      ResponseHead head, ResponseHead received, long length, Storing.Verdict.Store store) {
    Part part = null;
    long whole = length;
    if (received.status() == 206) {
      ByteRanges.ContentRange range =
          ByteRanges.parseContentRange(received.fields().first(FieldName.CONTENT_RANGE));
      if (range == null || range.length() < 0 || range.last() - range.first() + 1 != length) {
        handOver(head, length, Reason.PARTIAL);
        return;
      }
      part = new Part(range.first(), range.last());
      whole = range.length();
    }
    if (length > site.limits().maxEntryBytes()) {
      handOver(head, length, Reason.TOO_LARGE);
      return;
    }
    if (!reserve(Math.max(length, 0))) {
      handOver(head, length, Reason.BUSY);
      return;
    }
    Prospects.Prospect made = Prospects.make(received, store, part, whole, trip, site);
    Track plain = new Track();
    Track coded = null;
    if (made.coding() != null) {
      coded = new Track();
      coder = site.compression().stream(made.coding());
    }
    Stream running =
        new Stream(
            made.stored(),
            made.head(),
            length,
            plain,
            made.coding(),
            coded,
            plain.first(),
            coded == null ? null : coded.first());
    List<Waiter> all;
    synchronized (this) {
      stream = running;
      keeping = true;
      all = new ArrayList<>(waiting);
      waiting.clear();
    }
    for (Waiter waiter : all) {
      if (waiter.equals(leader) || waiter.accepts(running.prospect())) {
        onLoop(waiter, () -> waiter.follow(this, running));
      } else {
        onLoop(waiter, waiter::goAlone);
      }
    }
  }

  @Override
  public void content(ByteBuf data) {
    if (delegate != null) {
      delegate.content(data);
      return;
    }
    Stream running = stream;
    if (running == null) {
      data.release();
      return;
    }
    try {
      byte[] octets = ByteBufUtil.getBytes(data);
      running.plain().append(octets);
      if (coder != null && running.coded() != null) {
        ByteBuf out = coder.encode(data.retain(), false);
        running.coded().append(ByteBufUtil.getBytes(out));
        out.release();
      }
    } finally {
      data.release();
    }
    if (keeping && running.length() < 0) {
      boolean fits = running.plain().written() <= site.limits().maxEntryBytes();
      if (!fits || !reserve(running.plain().written())) {
        stopKeeping(fits ? Reason.BUSY : Reason.TOO_LARGE);
      }
    }
    wake();
    if (!keeping && lag() > MAX_LAG && call != null) {
      call.pauseContent(true);
    }
  }

  @Override
  public void end(Fields trailers) {
    if (delegate != null) {
      delegate.end(trailers);
      return;
    }
    Stream running = stream;
    if (running == null) {
      if (confirming) {
        over = true;
      }
      return;
    }
    if (coder != null && running.coded() != null) {
      ByteBuf out = coder.finish();
      running.coded().append(ByteBufUtil.getBytes(out));
      out.release();
      coder = null;
    }
    Track.Piece plainStart = running.plainStart();
    if (keeping) {
      store(running, plainStart);
    }
    land();
    running.plain().end(trailers);
    if (running.coded() != null) {
      running.coded().end(new Fields(0));
    }
    wake();
  }

  private void store(Stream running, Track.Piece plainStart) {
    long length = running.plain().written();
    byte[][] content = Track.collect(plainStart, length);
    StoredResponse stored = Prospects.complete(running.prospect(), length);
    Track.Piece codedStart = running.codedStart();
    if (running.coding() != null && running.coded() != null && codedStart != null) {
      long codedLength = running.coded().written();
      if (codedLength < length) {
        Stored head =
            new Stored(
                stored.head().status(),
                CodedVariants.fields(stored.head().fields(), running.coding(), codedLength));
        stored =
            stored.withCoded(
                Map.of(
                    running.coding(),
                    new Coded(new Form(head, Track.collect(codedStart, codedLength)), false)));
      }
    }
    site.store(trip.key(), trip.asked(), stored, content, stamp);
  }

  @Override
  public void failed(UpstreamFailure failure) {
    if (delegate != null) {
      delegate.failed(failure);
      return;
    }
    Stream running = stream;
    if (coder != null) {
      coder.discard();
      coder = null;
    }
    if (running != null) {
      land();
      running.plain().fail();
      if (running.coded() != null) {
        running.coded().fail();
      }
      wake();
      return;
    }
    if (confirming) {
      over = true;
    } else if (trip.fallback() != null && mayStandIn(trip.fallback().meta())) {
      standIn(trip.fallback());
    } else {
      for (Waiter waiter : conclude()) {
        onLoop(waiter, () -> waiter.failed(failure));
      }
    }
  }

  private boolean mayStandIn(StoredResponse stored) {
    long now = site.time().millis();
    return Lookup.mayReplaceError(stored, now)
        || Lookup.mayBridge(stored, now, site.limits().bridge().toMillis());
  }

  @Override
  public void writable() {
    if (delegate != null) {
      delegate.writable();
    }
  }

  /// The origin says that what is stored is still right (RFC 9111, section 4.3.3).
  private void confirm(ResponseHead head, Entry<StoredResponse> old, long now) {
    confirming = true;
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
                stamp));
    for (Waiter waiter : conclude()) {
      Outcome outcome = waiter.equals(leader) ? Outcome.REVALIDATED : Outcome.COLLAPSED;
      onLoop(waiter, () -> waiter.use(fresh, outcome));
    }
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
        next = waiter.takeOver(call, reason);
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
    List<Waiter> all = new ArrayList<>(waiting);
    waiting.clear();
    over = true;
    site.flights().remove(trip.key(), this);
    return all;
  }

  private void land() {
    synchronized (this) {
      over = true;
      keeping = false;
    }
    site.flights().remove(trip.key(), this);
    site.fillBudget().addAndGet(-reserved);
    reserved = 0;
  }

  private void stopKeeping(Reason reason) {
    trip.route().figures().notStored(reason);
    site.hitForMiss().mark(trip.key());
    Stream running = stream;
    synchronized (this) {
      keeping = false;
      over = true;
      if (running != null) {
        // Forget the first pieces, so that they die when the readers have passed them.
        stream =
            new Stream(
                running.prospect(),
                running.head(),
                running.length(),
                running.plain(),
                running.coding(),
                running.coded(),
                new Track().first(),
                null);
      }
    }
    site.flights().remove(trip.key(), this);
    site.fillBudget().addAndGet(-reserved);
    reserved = 0;
  }

  private boolean reserve(long total) {
    long more = total - reserved;
    if (more <= 0) {
      return true;
    }
    if (site.fillBudget().addAndGet(more) > site.limits().maxFillBytes()) {
      site.fillBudget().addAndGet(-more);
      return false;
    }
    reserved = total;
    return true;
  }

  private void cancelCall() {
    if (call != null) {
      call.cancel();
    }
  }

  /// How far the slowest reader is behind, or -1 when nobody reads any more.
  private synchronized long lag() {
    long most = -1;
    for (Reader r : readers) {
      if (!r.reader().isDone()) {
        most = Math.max(most, r.reader().lag());
      }
    }
    return most;
  }

  private void resumeIfCaughtUp() {
    if (keeping || stream == null || call == null) {
      return;
    }
    long lag = lag();
    if (lag < 0) {
      cancelCall();
    } else if (lag <= MAX_LAG / 2) {
      call.pauseContent(false);
    }
  }

  private void wake() {
    List<Reader> all;
    synchronized (this) {
      if (readers.isEmpty()) {
        return;
      }
      readers.removeIf(r -> r.reader().isDone());
      all = List.copyOf(readers);
    }
    for (Reader r : all) {
      if (r.loop().inEventLoop()) {
        r.reader().pump();
      } else {
        r.loop().execute(r.reader()::pump);
      }
    }
  }

  private void onTripLoop(Runnable task) {
    if (trip.loop().inEventLoop()) {
      task.run();
    } else {
      trip.loop().execute(task);
    }
  }

  private static void onLoop(Waiter waiter, Runnable task) {
    if (waiter.loop().inEventLoop()) {
      task.run();
    } else {
      waiter.loop().execute(task);
    }
  }
}
