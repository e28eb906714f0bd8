package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Flights;
import dev.freshet.cache.HitForMiss;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.freshness.Evidence;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.NoVarySearch;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Everything an exchange needs, as one configuration sees it; a reload makes a new one around the
/// same cache.
///
/// @param fillBudget octets held by fills that are under way
/// @param sessionCookies names beyond the well-known ones
record Site(
    CacheStatusLine statusLine,
    Cache<StoredResponse> cache,
    Flights<Fill> flights,
    HitForMiss hitForMiss,
    Upstreams upstreams,
    Routes routes,
    Keys keys,
    Lookup lookup,
    Forwarding forwarding,
    Compression compression,
    Codings codings,
    Finishing finishing,
    Naming naming,
    Refining refining,
    EdgeConfig.Limits limits,
    AtomicLong fillBudget,
    Set<String> sessionCookies,
    Database database,
    Whys whys,
    Fence.Figures fences,
    Speculation speculation,
    EarlyHints early,
    Pages pages,
    Renewals renewals,
    Time time) {

  /// Stores a complete response under its key and learns from it.
  ///
  /// @param evidence what it was made from, for one that rows keep
  /// @return false when it was overtaken by a purge or a change, or is of no use
  boolean store(
      String key,
      RequestHead asked,
      StoredResponse stored,
      byte[][] content,
      long stamp,
      @Nullable Evidence evidence) {
    String place = place(key, asked, stored);
    Entry<StoredResponse> entry = entry(asked, stored, content, stamp, evidence);
    boolean isStored = cache.put(place, entry, stored::replaces, expires(stored));
    stored(key, place, asked, entry);
    return isStored;
  }

  /// As above, for a part, together with what is there of the same representation.
  ///
  /// @param part whose octets can be put together with others
  void combine(String key, StoredResponse part, byte[][] content, long stamp, Combining with) {
    RequestHead asked = with.asked();
    String place = place(key, asked, part);
    if (with.confirms(place, part, stamp)) {
      hitForMiss.clear(key);
      return;
    }
    Entry<StoredResponse> added = entry(asked, part, content, stamp, null);
    Entry<StoredResponse> entry = cache.combine(place, added, with);
    if (entry != null) {
      stored(key, place, asked, entry);
    }
  }

  /// The key under which it is to be, by what it says of its query.
  private String place(String key, RequestHead asked, StoredResponse stored) {
    NoVarySearch said = NoVarySearch.of(stored.head().fields());
    return keys.learn(asked, said) ? keys.of(asked, routes.of(asked).rule()) : key;
  }

  private Entry<StoredResponse> entry(
      RequestHead asked,
      StoredResponse stored,
      byte[][] content,
      long stamp,
      @Nullable Evidence evidence) {
    List<String> groups =
        TableGroups.with(Groups.of(asked.authority(), stored.head().fields()), evidence);
    return cache.newEntry(stored, content, groups, stamp, stored.weight(), evidence);
  }

  private void stored(String key, String place, RequestHead asked, Entry<StoredResponse> entry) {
    hitForMiss.clear(key);
    codings.improve(place, entry);
    finishing.stored(place, entry.meta(), entry.body());
    refining.stored(routes.of(asked), place, entry);
  }

  /// The largest content that is stored by a rule: lists that leave in pages may be larger, since
  /// otherwise there are no pages of them. Where in a list its elements stand is told by an int.
  long maxEntryBytes(RouteRule rule) {
    Pagination pages = rule.pages();
    long most = limits.maxEntryBytes();
    return pages == null
        ? most
        : Math.min(Integer.MAX_VALUE, Math.max(most, pages.maxList().bytes()));
  }

  /// What [Edge#held] says. One that rows keep is not vouched for ahead of time.
  Held held(String key, long atLeastMillis) {
    Resource<StoredResponse> resource = cache.heap(key);
    if (resource == null || resource.size() != 1) {
      return Held.NO;
    }
    Entry<StoredResponse> entry = resource.get(0);
    StoredResponse stored = entry.meta();
    StoredResponse.Rules rules = stored.rules();
    boolean isForAll = (rules.shared() || isImmutable(key, stored)) && !rules.byRows();
    boolean isAnswer = stored.isWhole() && stored.head().status() == 200;
    if (!isForAll || !isAnswer || cache.standing(entry) != Standing.LIVE) {
      return Held.NO;
    }
    StoredResponse.Times times = stored.times();
    long left = times.leftMillis(time.millis()) - atLeastMillis;
    if (left > 0) {
      return Held.FRESH;
    }
    return left > -times.whileRevalidateMillis() ? Held.WHILE_REVALIDATING : Held.NO;
  }

  /// Whether the app itself says that it never changes, of what was made for somebody without
  /// credentials: a browser that has it goes on with it whoever logs in, so it is the same for all.
  private static boolean isImmutable(String key, StoredResponse stored) {
    return stored.isForEverybody(key)
        && CacheDirectives.parse(BrowserFields.own(stored.head().fields())).isImmutable();
  }

  /// Wall clock after which the entry is of no use, milliseconds: freshness, the longest window,
  /// and an hour for validation.
  static long expires(StoredResponse stored) {
    StoredResponse.Times times = stored.times();
    long window = Math.max(times.whileRevalidateMillis(), times.ifErrorMillis());
    long validation = stored.validators().isEmpty() ? 0 : 3_600_000;
    return times.bornMillis() + times.lifetimeMillis() + Math.max(window, validation);
  }

  /// What a validation was about.
  ///
  /// @param received the 304's (or the HEAD answer's) head, without hop-by-hop fields
  /// @param stamp from the cache, taken before the origin was asked: a purge since then covers it
  /// @param evidence what the origin made its answer from, where rows are to keep it
  record Validated(
      String key,
      RequestHead asked,
      Routes.Route route,
      boolean hasSession,
      ResponseHead received,
      long requestMillis,
      long now,
      long stamp,
      @Nullable Evidence evidence) {}

  /// The stored entry on the terms of a 304, put in its place.
  Entry<StoredResponse> freshen(Entry<StoredResponse> old, Validated by) {
    Fields received = by.received().fields();
    if (by.evidence() != null && cache.standing(old) == Standing.CHANGED) {
      by.route().figures().refilled(Refill.SAME);
    }
    Stored head = old.meta().head();
    Fields own = head.fields().copy();
    BrowserFields.takeBack(own);
    Fields merged = Freshening.merge(own, received);
    merged.remove(BrowserFields.OPTIMIZED);
    Fields judged = merged.copy();
    String age = received.first(FieldName.AGE);
    if (age != null) {
      judged.set(FieldName.AGE, age);
    }
    RouteRule told = by.route().rule();
    RouteRule rule = by.evidence() == null ? told.byTime() : told;
    Storing.Verdict verdict =
        Storing.judge(
            new Storing.Trip(
                by.asked(),
                rule,
                by.hasSession(),
                new ResponseHead(head.status(), judged),
                by.requestMillis(),
                by.now()));
    if (!(verdict instanceof Storing.Verdict.Store terms)) {
      // Confirmed, but not to be kept any longer: good for this answer only.
      cache.remove(by.key());
      return old;
    }
    if (terms.rules().byRows()) {
      RowsFields.forBrowsers(merged, rule.share());
    } else if (BrowserFields.isMarked(head.fields()) && finishing.isOn(by.route())) {
      BrowserFields.add(merged, by.asked().path(), terms.times().lifetimeMillis(), rule);
      BrowserFields.ask(new ResponseHead(head.status(), merged), merged);
      BrowserFields.again(merged, head.fields());
    }
    if (refining.isPicture(by.route(), by.key(), new ResponseHead(head.status(), merged))) {
      CodedVariants.varyOn(merged, "Accept");
    }
    StoredResponse.Selecting selecting =
        Freshening.selecting(old.meta().selecting(), received, by.asked(), rule);
    StoredResponse fresh = Freshening.apply(old.meta(), merged, terms).withSelecting(selecting);
    Entry<StoredResponse> entry =
        cache.newEntry(
            fresh,
            old.body(),
            TableGroups.with(
                Groups.of(by.asked().authority(), fresh.head().fields()), by.evidence()),
            by.stamp(),
            fresh.weight(),
            by.evidence());
    cache.update(by.key(), old, entry, expires(fresh));
    return entry;
  }

  boolean isCodable(Routes.Route route, ResponseHead head, long length) {
    return route.rule().compress() && compression.isCodable(head.status(), head.fields(), length);
  }
}
