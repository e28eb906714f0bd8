package dev.freshet.edge;

import dev.freshet.edge.StoredResponse.Coded;
import dev.freshet.freshness.Doubt;
import dev.freshet.freshness.Evidence;
import dev.freshet.freshness.Learned;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a trip that has come to its end leaves in the cache, and what is noted where it leaves
/// nothing.
final class Harvest {
  private final Site site;
  private final Trip trip;
  private final long stamp;

  /// @param stamp from the cache, taken before the trip began
  Harvest(Site site, Trip trip, long stamp) {
    this.site = site;
    this.trip = trip;
    this.stamp = stamp;
  }

  /// Purges with a later one cover what this trip brings.
  long stamp() {
    return stamp;
  }

  /// What the answer was made from; null, and noted why, where that is not known.
  @Nullable Evidence evidence(Learned learned) {
    return switch (learned) {
      case Learned.From(Evidence found) -> found;
      case Learned.Nothing(Doubt doubt, String detail) -> {
        Reason reason = Reason.of(doubt);
        trip.route().figures().notStored(reason);
        note(reason, detail);
        yield null;
      }
    };
  }

  /// The response itself forbids to keep it on the strength of rows.
  void refused(Reason reason) {
    note(reason, "");
  }

  /// The request has changed rows.
  void wrote() {
    if (trip.learning().isWanted()) {
      Collection<Long> tables = trip.learning().written();
      note(
          Reason.WROTE,
          tables == null
              ? ""
              : tables.stream()
                  .map(table -> site.database().name().apply(table))
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
  }

  private void note(Reason reason, String detail) {
    site.whys().note(trip.key(), reason, detail, site.time().millis());
  }

  /// Stores a complete response in all the forms that were made of it.
  ///
  /// @param terms the prospect on whose terms it is kept
  /// @param evidence for one that rows keep
  /// @return false when it is not there, since something has overtaken it
  boolean store(
      StoredResponse terms,
      FillStream running,
      Track.Piece plainStart,
      @Nullable Evidence evidence) {
    long length = running.plain().written();
    byte[][] content = Track.collect(plainStart, length);
    StoredResponse stored =
        Prospects.complete(
            terms,
            length,
            content,
            running.digest(),
            site.finishing().isOn(trip.route())
                ? site.keys().telling(trip.asked(), terms.head().fields())
                : null);
    Track.Piece codedStart = running.codedStart();
    if (running.coding() != null && running.coded() != null && codedStart != null) {
      long codedLength = running.coded().written();
      if (codedLength < length) {
        Stored head =
            new Stored(
                stored.head().status(),
                CodedVariants.fields(
                    stored.head().fields(), running.coding(), codedLength, running.finish()));
        stored =
            stored.withCoded(
                Map.of(
                    running.coding(),
                    new Coded(
                        new Form(head, Track.collect(codedStart, codedLength)),
                        false,
                        running.finish())));
      }
    }
    if (evidence != null) {
      trip.route().figures().refilled(Refill.of(site.cache(), trip.key(), stored, content));
    }
    if (evidence == null && Combining.isPossible(stored)) {
      Combining with = new Combining(site, trip, running.exchange());
      site.combine(trip.key(), stored, content, stamp, with);
      return true;
    }
    boolean isStored = site.store(trip.key(), trip.asked(), stored, content, stamp, evidence);
    if (!isStored && evidence != null) {
      trip.route().figures().notStored(Reason.OVERTAKEN);
      note(Reason.OVERTAKEN, "");
    }
    return isStored;
  }
}
