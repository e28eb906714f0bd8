package dev.freshet.edge;

import dev.freshet.cache.Combination;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.edge.StoredResponse.Rules;
import dev.freshet.http.EntityTag;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/* Which parts belong together (RFC 9110, section 15.3.7.3; RFC 9111, section 3.4).
 *
 * Those of one length under one strong tag and one coding, which the same values of a request
 * select. `Last-Modified` is not taken for strong, although it may be at times. That the app has
 * just answered with that tag also confirms what is there, as a 304 would: so stale parts and those
 * that were purged softly are good again, and a whole of that tag is brought up to date by the
 * part, which then need not be kept. What rows keep is left alone: it is good as of one position of
 * the log, and two trips have two.
 */

/// A part that has arrived, put together with what is stored of the same representation.
final class Combining implements Combination<StoredResponse> {
  private final Site site;
  private final Trip trip;
  private final Storing.Trip exchange;

  /// @param exchange in which the part came
  Combining(Site site, Trip trip, Storing.Trip exchange) {
    this.site = site;
    this.trip = trip;
    this.exchange = exchange;
  }

  RequestHead asked() {
    return trip.asked();
  }

  /// Whether anything can be put together with it. A tag that says nothing tells nothing apart.
  static boolean isPossible(StoredResponse part) {
    String tag = part.validators().etag();
    return !part.isWhole() && tag != null && !EntityTag.isWeak(tag) && !tag.equals("\"\"");
  }

  /// Confirms the whole that a part is of, unless it was purged since the trip began: what the app
  /// said then is no answer to a soft purge.
  ///
  /// @return false when there is none
  boolean confirms(String key, StoredResponse part, long stamp) {
    Resource<StoredResponse> resource = site.cache().heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      boolean isWhole = entry.meta().isWhole() && entry.meta().head().status() == 200;
      if (isWhole && isSame(entry, part) && site.cache().standing(entry) != Standing.GONE) {
        if (site.cache().isOvertaken(key, stamp)) {
          return false;
        }
        Entry<StoredResponse> _ =
            site.freshen(
                entry,
                new Site.Validated(
                    key,
                    trip.asked(),
                    trip.route(),
                    trip.hasSession(),
                    exchange.response(),
                    exchange.requestMillis(),
                    exchange.responseMillis(),
                    stamp,
                    null));
        return true;
      }
    }
    return false;
  }

  @Override
  public Entry<StoredResponse> of(Entry<StoredResponse> added, List<Entry<StoredResponse>> there) {
    for (Entry<StoredResponse> entry : there) {
      if (!entry.meta().isWhole() && isSame(entry, added.meta())) {
        Entry<StoredResponse> combined = combined(added, entry);
        return combined == null ? added : combined;
      }
    }
    return added;
  }

  private static boolean isSame(Entry<StoredResponse> entry, StoredResponse part) {
    StoredResponse other = entry.meta();
    String tag = other.validators().etag();
    String partTag = part.validators().etag();
    return entry.evidence() == null
        && tag != null
        && partTag != null
        && EntityTag.strongEquals(tag, partTag)
        && other.contentLength() == part.contentLength()
        && other.selecting().equals(part.selecting())
        && Objects.equals(coding(other), coding(part));
  }

  private static @Nullable String coding(StoredResponse stored) {
    return stored.head().fields().combined(FieldName.CONTENT_ENCODING);
  }

  private @Nullable Entry<StoredResponse> combined(
      Entry<StoredResponse> added, Entry<StoredResponse> older) {
    Parts mine = added.meta().parts();
    Parts theirs = older.meta().parts();
    if (mine == null || theirs == null) {
      return null;
    }
    PartialContent both =
        new PartialContent(mine, added.body())
            .over(
                new PartialContent(theirs, older.body()), site.maxEntryBytes(trip.route().rule()));
    Fields fields = newest(exchange.response().fields(), older.meta().head().fields());
    long length = added.meta().contentLength();
    StoredResponse made = null;
    if (both.parts().octets() == length) {
      Fields whole = fields.copy();
      whole.remove(FieldName.CONTENT_RANGE);
      whole.set(FieldName.CONTENT_LENGTH, Long.toString(length));
      StoredResponse prospect = judged(new ResponseHead(200, whole), null, older.meta(), length);
      if (prospect != null) {
        String target =
            site.finishing().isOn(trip.route())
                ? site.keys().telling(trip.asked(), prospect.head().fields())
                : null;
        made = Prospects.complete(prospect, length, both.octets(), null, target);
      }
    }
    if (made == null) {
      made = judged(new ResponseHead(206, fields), both.parts(), older.meta(), length);
    }
    if (made == null) {
      return null;
    }
    List<String> groups = new ArrayList<>(Groups.of(trip.asked().authority(), fields));
    added.groups().stream().filter(group -> !groups.contains(group)).forEach(groups::add);
    older.groups().stream().filter(group -> !groups.contains(group)).forEach(groups::add);
    if (groups.size() > Groups.MAX) {
      return null;
    }
    return site.cache().newEntry(made, both.octets(), groups, added.stamp(), made.weight());
  }

  /// The new fields, and of the older ones those that they don't replace.
  private static Fields newest(Fields fresh, Fields older) {
    Fields out = fresh.copy();
    for (int i = 0; i < older.size(); i++) {
      if (!fresh.has(older.name(i))) {
        out.add(older.name(i), older.value(i));
      }
    }
    return out;
  }

  /// Null when it may not be kept that way.
  private @Nullable StoredResponse judged(
      ResponseHead head, @Nullable Parts parts, StoredResponse older, long length) {
    Storing.Verdict verdict =
        Storing.judge(
            new Storing.Trip(
                exchange.request(),
                exchange.rule(),
                exchange.hasSession(),
                head,
                exchange.requestMillis(),
                exchange.responseMillis()));
    if (!(verdict instanceof Storing.Verdict.Store terms)) {
      return null;
    }
    Rules rules = terms.rules();
    Rules both =
        new Rules(
            rules.mustRevalidate(),
            rules.shared() && older.rules().shared(),
            rules.byRows(),
            rules.anonymous() && older.rules().anonymous());
    return Prospects.make(
            head,
            new Storing.Verdict.Store(terms.times(), both, terms.selecting(), terms.unstored()),
            parts,
            length,
            trip,
            site)
        .stored();
  }

  @Override
  public boolean replaces(StoredResponse stored, StoredResponse other) {
    return stored.replaces(other);
  }

  @Override
  public boolean isForOthers(StoredResponse combined) {
    return combined.isWhole();
  }

  @Override
  public long expires(StoredResponse stored) {
    return Site.expires(stored);
  }
}
