package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;

/// What a HEAD's answer says about a stored GET response (RFC 9111, section 4.3.5).
final class Heads {
  private Heads() {}

  /// @param isKnown whether the request had credentials: then it says nothing of what is only for
  ///   those who have none
  static void learn(
      Site site,
      String key,
      RequestHead head,
      Routes.Route route,
      ResponseHead answer,
      boolean hasSession,
      boolean isKnown) {
    Resource<StoredResponse> resource = key.isEmpty() ? null : site.cache().heap(key);
    if (resource == null || answer.status() != 200) {
      return;
    }
    long now = site.time().millis();
    for (int i = 0; i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      boolean isSelected =
          entry.meta().head().status() == 200
              && (entry.meta().rules().shared() || !isKnown)
              && entry.meta().isWhole()
              && site.cache().standing(entry) != Standing.GONE
              && Lookup.selects(entry.meta(), head.fields());
      if (isSelected) {
        learn(site, key, head, route, answer, hasSession, entry, now);
        return;
      }
    }
  }

  /// Where it is chosen by more than was known, what is stored was chosen blindly.
  private static boolean isChosenAlike(
      StoredResponse stored, ResponseHead answer, Routes.Route route) {
    return stored.selecting().names().containsAll(Varying.names(answer.fields(), route.rule()));
  }

  private static void learn(
      Site site,
      String key,
      RequestHead head,
      Routes.Route route,
      ResponseHead answer,
      boolean hasSession,
      Entry<StoredResponse> entry,
      long now) {
    String length = answer.fields().first(FieldName.CONTENT_LENGTH);
    boolean isSame =
        Freshening.isSame(entry.meta().validators(), answer.fields())
            && isChosenAlike(entry.meta(), answer, route)
            && (length == null || length.equals(Long.toString(entry.meta().contentLength())));
    if (!isSame) {
      site.cache().remove(key);
      return;
    }
    // What rows keep is kept as of one position: a later look at its head moves nothing. Nor does
    // it undo a purge: a head without validators says nothing of the content.
    if (entry.evidence() != null
        || site.cache().standing(entry) != Standing.LIVE
        || CacheDirectives.parse(answer.fields()).noStore()) {
      return;
    }
    Entry<StoredResponse> _ =
        site.freshen(
            entry,
            new Site.Validated(
                key,
                head,
                route,
                hasSession,
                site.forwarding().received(answer, now),
                now,
                now,
                entry.stamp(),
                null));
  }
}
