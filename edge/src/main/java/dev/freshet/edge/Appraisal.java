package dev.freshet.edge;

import dev.freshet.http.ByteRanges;
import dev.freshet.http.FieldName;
import dev.freshet.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// Looks at the head of what a trip brings, and says whether and as what it is to be kept.
final class Appraisal {
  private final Site site;
  private final Trip trip;
  private final Harvest harvest;
  private final TrackRoom reservation;
  private final long requestMillis;

  Appraisal(Site site, Trip trip, Harvest harvest, TrackRoom reservation, long requestMillis) {
    this.site = site;
    this.trip = trip;
    this.harvest = harvest;
    this.reservation = reservation;
    this.requestMillis = requestMillis;
  }

  /// What is thought of a response.
  sealed interface Opinion {
    /// It is for who asked alone.
    record Refused(Reason reason) implements Opinion {}

    /// @param coder what makes the coded content, where there is to be any
    /// @param byTime the terms on which it is kept if rows can't keep it, or null
    record Wanted(FillStream stream, @Nullable StreamCoder coder, @Nullable StoredResponse byTime)
        implements Opinion {}
  }

  /// @param head as it came
  /// @param length of the content, or -1
  Opinion of(ResponseHead head, long length, long now) {
    ResponseHead received = site.forwarding().received(head, now);
    Storing.Trip asByTime = exchange(received, trip.route().rule().byTime(), now);
    Storing.Verdict plain = Storing.judge(asByTime);
    Storing.Verdict best = plain;
    if (trip.learning().isWanted()) {
      best = Storing.judge(exchange(received, trip.route().rule(), now));
      if (best instanceof Storing.Verdict.Refuse(Reason reason)) {
        harvest.refused(reason);
        best = plain;
      }
    }
    // No switch over patterns on the way of the first request: Java puts it together when it is
    // met, which takes longer than the request.
    return best instanceof Storing.Verdict.Store store
        ? wanted(asByTime, length, store, plain)
        : new Opinion.Refused(((Storing.Verdict.Refuse) best).reason());
  }

  private Storing.Trip exchange(ResponseHead received, RouteRule rule, long now) {
    return new Storing.Trip(trip.asked(), rule, trip.hasSession(), received, requestMillis, now);
  }

  private Opinion wanted(
      Storing.Trip exchange, long length, Storing.Verdict.Store store, Storing.Verdict otherwise) {
    ResponseHead received = exchange.response();
    Parts parts = null;
    long whole = length;
    if (received.status() == 206) {
      ByteRanges.ContentRange range =
          ByteRanges.parseContentRange(received.fields().first(FieldName.CONTENT_RANGE));
      if (range == null || range.length() < 0 || range.last() - range.first() + 1 != length) {
        return new Opinion.Refused(Reason.PARTIAL);
      }
      parts = Parts.of(range.first(), range.last());
      whole = range.length();
    }
    if (length > site.maxEntryBytes(trip.route().rule())) {
      return new Opinion.Refused(Reason.TOO_LARGE);
    }
    if (!reservation.growTo(Math.max(length, 0))) {
      return new Opinion.Refused(Reason.BUSY);
    }
    Prospects.Prospect made = Prospects.make(received, store, parts, whole, trip, site);
    StoredResponse byTime =
        store.rules().byRows() && otherwise instanceof Storing.Verdict.Store terms
            ? Prospects.make(received, terms, parts, whole, trip, site).stored()
            : null;
    Track plain = new Track();
    Track coded = null;
    Finishing.Outfit outfit = null;
    if (made.coding() != null) {
      coded = new Track();
      outfit =
          site.finishing().outfit(trip.route(), trip.asked(), made.head().fields(), made.coding());
    }
    FillStream stream =
        new FillStream(
            exchange,
            made.stored(),
            made.head(),
            length,
            plain,
            made.coding(),
            outfit == null ? null : outfit.finish(),
            coded,
            plain.here(),
            coded == null ? null : coded.here(),
            OwnTag.isMadeOf(made.stored()) ? new Sha256() : null);
    return new Opinion.Wanted(stream, outfit == null ? null : outfit.coder(), byTime);
  }
}
