package dev.freshet.edge;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HttpDate;
import dev.freshet.http.RequestHead;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The contents that one page names in its URLs, and those that it might.
///
/// A page is good only while its names are: it is looked through each time somebody is given a
/// stored form of it, and its tag says which names are in it, so that nobody is told to go on with
/// a page that names what is over.
final class PageNames implements Polish.Names {
  /// Of a page in which there is no name, and never will be.
  static final PageNames NONE = new PageNames(null, "", 0, 0, "", new AtomicLong());

  private static final int MAX = 64;

  /// Of all pages of a site that have one tag.
  private static final int MAX_TOGETHER = 256;

  /// What has no name yet is looked at so often: most of it never gets one.
  private static final long LOOK_EVERY_MILLIS = 1_000;

  private static final FieldName SURROGATE = FieldName.of("Surrogate-Control");

  private final @Nullable Naming naming;
  private final String site;
  private final long bornMillis;
  private final long keptMillis;
  private final String id;
  private final Map<String, Decided> decided = new ConcurrentHashMap<>();

  /// When it was last looked for names that the page might have by now.
  private final AtomicLong lookedMillis;

  /// What becomes of a page by its names.
  enum Fit {
    /// It names what is over.
    NONE,
    /// Its names are right, and it would get others too by now.
    OVERTAKEN,
    FULL
  }

  /// @param name empty for none
  private record Decided(Naming.@Nullable Candidate candidate, String name) {}

  /// @param keptMillis how long after that moment the page may be used without asking
  /// @param id stands for the names in the page's tag where they are not known before the tag is
  ///   sent; empty where they are
  private PageNames(
      @Nullable Naming naming,
      String site,
      long bornMillis,
      long keptMillis,
      String id,
      AtomicLong lookedMillis) {
    this.naming = naming;
    this.site = site;
    this.bornMillis = bornMillis;
    this.keptMillis = keptMillis;
    this.id = id;
    this.lookedMillis = lookedMillis;
  }

  /// Of a stored page, which always has a tag.
  static PageNames ofStored(Naming naming, String site, StoredResponse page) {
    Fields said = page.head().fields();
    long born = page.times().bornMillis();
    return said.has(FieldName.ETAG)
        ? new PageNames(naming, site, born, keptMillis(said), "", new AtomicLong())
        : NONE;
  }

  /// Whether a page on its way may name anything. What has no tag can't have one that says which
  /// names are in it: then a browser must have nothing else to ask with either.
  static boolean mayBePassing(Naming naming, RequestHead head, Fields response) {
    boolean isToBeTold = response.has(FieldName.ETAG) || !response.has(FieldName.LAST_MODIFIED);
    return isToBeTold && naming.isOpen(head.authority());
  }

  /// Of pages of one site on their way: their tags are sent before it is known what they name, so
  /// one stands for the names of all that are sent until one of these changes.
  ///
  /// @param id new
  static PageNames ofPassing(Naming naming, String site, long keptMillis, String id) {
    return new PageNames(naming, site, 0, keptMillis, id, new AtomicLong());
  }

  /// The same in a page that was confirmed, and may be used from then on as its fields say.
  PageNames under(Fields said, long born) {
    if (naming == null) {
      return this;
    }
    PageNames out = new PageNames(naming, site, born, keptMillis(said), id, lookedMillis);
    out.decided.putAll(decided);
    return out;
  }

  /// How long a page with these fields may be used without asking, by whoever has it.
  static long keptMillis(Fields said) {
    if (said.has(SURROGATE)) {
      return Long.MAX_VALUE / 2;
    }
    CacheDirectives targeted = CacheDirectives.targeted(said, FieldName.CDN_CACHE_CONTROL);
    long most = keptMillis(CacheDirectives.parse(said), said);
    return targeted == null ? most : Math.max(most, keptMillis(targeted, new Fields(0)));
  }

  private static long keptMillis(CacheDirectives cc, Fields said) {
    boolean isAskedEachTime = cc.noCache() && cc.noCacheFields().isEmpty();
    if (cc.noStore() || isAskedEachTime) {
      return 0;
    }
    long seconds = Math.max(cc.maxAge(), cc.sMaxage());
    long fresh = seconds >= 0 ? TimeUnit.SECONDS.toMillis(seconds) : expires(said);
    long stale = Math.max(cc.staleWhileRevalidate(), cc.staleIfError());
    return fresh + TimeUnit.SECONDS.toMillis(Math.max(0, stale));
  }

  /// Nobody can guess where no time of change is said, and a page with names says none.
  private static long expires(Fields said) {
    String at = said.first(FieldName.EXPIRES);
    String date = said.first(FieldName.DATE);
    long end = at == null ? HttpDate.INVALID : HttpDate.parse(at);
    long begin = date == null ? HttpDate.INVALID : HttpDate.parse(date);
    if (end == HttpDate.INVALID) {
      return 0;
    }
    return begin == HttpDate.INVALID
        ? Long.MAX_VALUE / 2
        : TimeUnit.SECONDS.toMillis(Math.max(0, end - begin));
  }

  @Override
  public @Nullable String behind(String url, boolean isScript) {
    Naming by = naming;
    if (by == null) {
      return null;
    }
    Decided known = decided.get(url);
    if (known == null) {
      if (decided.size() >= (id.isEmpty() ? MAX : MAX_TOGETHER)) {
        return null;
      }
      known = decide(by, by.candidate(url, isScript), by.now());
      // What another page was given at this moment stands in the tag of both.
      Decided given = decided.putIfAbsent(url, known);
      known = given == null ? known : given;
    }
    return known.name().isEmpty() ? null : ContentName.inHtml(url, known.name());
  }

  @Override
  public byte @Nullable [][] content(String url) {
    Naming by = naming;
    Decided known = decided.get(url);
    Naming.Candidate candidate = known == null ? null : known.candidate();
    return by == null || known == null || candidate == null || known.name().isEmpty()
        ? null
        : by.content(candidate, known.name());
  }

  private Decided decide(Naming by, Naming.@Nullable Candidate candidate, long now) {
    String name = candidate != null && by.isOpen(site) ? by.name(candidate, until(now), now) : null;
    return new Decided(candidate, name == null ? "" : name);
  }

  /// Whether a page like that may name anything.
  boolean isOpen(Naming now) {
    return naming != null && now.isOpen(site);
  }

  /// Up to when a page that is given away now may be used without asking.
  private long until(long now) {
    return Math.max(now, (id.isEmpty() ? bornMillis : now) + keptMillis);
  }

  /// Whether the page would get just those names now.
  boolean areAll(Naming now) {
    return walk(now, now.now(), true) == Fit.FULL;
  }

  /// Whether its names are right for whoever is given it now; says at most once a second that there
  /// would be more of them.
  Fit fit(Naming now) {
    long millis = now.now();
    long looked = lookedMillis.get();
    boolean isDue = millis - looked >= LOOK_EVERY_MILLIS || millis < looked;
    return walk(now, millis, isDue && lookedMillis.compareAndSet(looked, millis));
  }

  @SuppressWarnings("ReferenceEquality")
  private Fit walk(Naming now, long millis, boolean isWhole) {
    if (naming == null || decided.isEmpty()) {
      return Fit.FULL;
    }
    if (naming != now) {
      return Fit.NONE;
    }
    boolean isOpen = now.isOpen(site);
    long until = until(millis);
    Fit fit = Fit.FULL;
    for (Decided each : decided.values()) {
      Naming.Candidate candidate = each.candidate();
      if (candidate == null || (each.name().isEmpty() && !isWhole)) {
        continue;
      }
      String name = isOpen ? now.name(candidate, until, millis) : null;
      if (!each.name().equals(name == null ? "" : name)) {
        if (!each.name().isEmpty()) {
          return Fit.NONE;
        }
        fit = Fit.OVERTAKEN;
      }
    }
    return fit;
  }

  /// Whether the page's names are right for who has kept it and asks whether to go on.
  boolean areRightAgain(Naming now) {
    if (naming == null) {
      return true;
    }
    long until = now.now() + keptMillis;
    for (Decided each : decided.values()) {
      Naming.Candidate candidate = each.candidate();
      if (candidate != null
          && !each.name().isEmpty()
          && !(now.isOpen(site) && each.name().equals(now.name(candidate, until, now.now())))) {
        return false;
      }
    }
    return true;
  }

  /// What the page's tag says of its names; empty where there are none.
  String tag() {
    if (!id.isEmpty() || decided.isEmpty()) {
      return id;
    }
    Map<String, String> names = new TreeMap<>();
    decided.forEach((url, each) -> {
      if (!each.name().isEmpty()) {
        names.put(url, each.name());
      }
    });
    return names.isEmpty() ? "" : new Sha256().add(names.toString()).endShort();
  }
}
