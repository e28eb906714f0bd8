package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.http.AbsoluteUrl;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Gives style sheets and scripts URLs that name their content, so that browsers keep them for good
/// and still show what is new at once: a page that is sent names what is stored then.
///
/// A name is right while Freshet itself would answer with that content: it is in memory, fresh, the
/// same for everybody, and stays so for as long as anybody may use the page without asking. So no
/// browser is older than Freshet, whatever it keeps.
final class Naming {
  private static final String IMMUTABLE = "max-age=31536000, immutable";

  /// What is fresh for less would have its pages made again all the time.
  private static final long MIN_LIFETIME_MILLIS = 60_000;

  /// So many files are asked for again after a purge.
  private static final int MAX_GONE = 64;

  private final Cache<StoredResponse> cache;
  private final Keys keys;
  private final Routes routes;
  private final Polish polish;
  private final ContentNames names;
  private final Visits visits;
  private final Dictionaries dictionaries;
  private final Time time;

  Naming(
      Cache<StoredResponse> cache,
      Keys keys,
      Routes routes,
      Polish polish,
      ContentNames names,
      Visits visits,
      Dictionaries dictionaries,
      Time time) {
    this.cache = cache;
    this.keys = keys;
    this.routes = routes;
    this.polish = polish;
    this.names = names;
    this.visits = visits;
    this.dictionaries = dictionaries;
    this.time = time;
  }

  /// A URL in a page that may be given a name.
  record Candidate(String key, boolean isScript) {}

  /// Null for what never gets one: by a rule, or since nothing can be stored under it.
  @Nullable Candidate candidate(String url, boolean isScript) {
    AbsoluteUrl parts;
    try {
      parts = AbsoluteUrl.parse(url);
    } catch (IllegalArgumentException e) {
      return null;
    }
    String target = parts.target();
    int query = target.indexOf('?');
    Routes.Route route = routes.of(query < 0 ? target : target.substring(0, query));
    boolean mayBe =
        route.rule().cache()
            && route.rule().share() != RouteRule.Share.BY_USER
            && ContentName.of(target) == null
            && polish.level(route.rule().match()) != Polish.Level.OFF;
    String authority = parts.site();
    return mayBe ? new Candidate(keys.url(parts.scheme(), authority, target), isScript) : null;
  }

  /// Whether any URL in pages of that site may be changed.
  boolean isOpen(String site) {
    return polish.mayName() && visits.isOpenedOnly(site);
  }

  /// The names of a page on its way to who asked so.
  PageNames passing(RequestHead head, Fields response) {
    if (!PageNames.mayBePassing(this, head, response)) {
      return PageNames.NONE;
    }
    long kept = PageNames.keptMillis(response);
    PageNames before = names.passing(head.authority(), kept);
    if (before != null && before.areAll(this)) {
      return before;
    }
    String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
    PageNames made = PageNames.ofPassing(this, head.authority(), kept, id);
    names.remember(head.authority(), kept, made);
    return made;
  }

  /// The names of a page that is stored under that key.
  PageNames stored(String key, StoredResponse page) {
    int begin = key.indexOf("://") + 3;
    return PageNames.ofStored(this, key.substring(begin, key.indexOf('/', begin)), page);
  }

  /// Whether who has the page with that in its tag may go on with it.
  boolean isRight(String tag) {
    PageNames page = names.byTag(tag);
    return page != null && page.areRightAgain(this);
  }

  /// Somebody is given a page.
  void page(RequestHead head) {
    visits.page(head);
  }

  /// Somebody is given what the app said, now or before.
  void given(RequestHead head, int status, Fields said) {
    visits.given(head, status, said);
  }

  long now() {
    return time.millis();
  }

  /// What the content is called that stands for the URL now; null where it has no name.
  ///
  /// @param until wall clock up to which it has to be the one, milliseconds
  @Nullable String name(Candidate candidate, long until, long now) {
    Resource<StoredResponse> resource = cache.heap(candidate.key());
    String name = null;
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      Standing standing = cache.standing(entry);
      if (standing == Standing.GONE) {
        continue;
      }
      boolean isRight =
          standing == Standing.LIVE
              && entry.meta().times().leftMillis(now) > Math.max(0, until - now)
              && isNamable(candidate, entry);
      ContentNames.Known known = isRight ? names.of(candidate.key(), entry) : null;
      boolean isOther = known != null && name != null && !name.equals(known.name());
      if (known == null || isOther || (candidate.isScript() && known.looksAtScripts())) {
        return null;
      }
      name = known.name();
    }
    return name;
  }

  /// The content with that name; null when it is gone.
  byte @Nullable [][] content(Candidate candidate, String name) {
    Resource<StoredResponse> resource = cache.heap(candidate.key());
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      ContentNames.Known known =
          cache.standing(entry) == Standing.LIVE ? names.of(candidate.key(), entry) : null;
      if (known != null && known.name().equals(name)) {
        return entry.body();
      }
    }
    return null;
  }

  /// Whether everybody who asks for it now is answered from memory.
  boolean isAtHand(Candidate candidate, long now) {
    Resource<StoredResponse> resource = cache.heap(candidate.key());
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      StoredResponse stored = entry.meta();
      if (cache.standing(entry) == Standing.LIVE
          && stored.times().leftMillis(now) > 0
          && names.terms(candidate.key(), entry).isForAll()) {
        return true;
      }
    }
    return false;
  }

  /// Keys of everything that pages may have named.
  Set<String> keys() {
    return names.keys();
  }

  /// Those of the keys whose content, as it is stored now, pages may have named.
  List<String> named(Collection<String> keys) {
    return keys.stream().filter(this::isNamed).toList();
  }

  private boolean isNamed(String key) {
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> entry = resource.get(i);
      if (names.isKnown(key, entry)
          && names.terms(key, entry).isForAll()
          && cache.standing(entry) == Standing.LIVE) {
        return true;
      }
    }
    return false;
  }

  /// The first of the keys under which nothing is left.
  List<String> gone(List<String> keys) {
    return keys.stream().filter(this::isGone).limit(MAX_GONE).toList();
  }

  private boolean isGone(String key) {
    Resource<StoredResponse> resource = cache.heap(key);
    for (int i = 0; resource != null && i < resource.size(); i++) {
      if (cache.standing(resource.get(i)) != Standing.GONE) {
        return false;
      }
    }
    return true;
  }

  private boolean isNamable(Candidate candidate, Entry<StoredResponse> entry) {
    if (entry.meta().times().lifetimeMillis() < MIN_LIFETIME_MILLIS) {
      return false;
    }
    ContentTerms terms = names.terms(candidate.key(), entry);
    return candidate.isScript() ? terms.isScript() : terms.isStyle();
  }

  /// What is sent under its name, as who asked by one is to have it.
  final class Named {
    private final String key;
    private final Entry<StoredResponse> entry;
    private final ContentNames.Known known;

    private Named(String key, Entry<StoredResponse> entry, ContentNames.Known known) {
      this.key = key;
      this.entry = entry;
      this.known = known;
    }

    /// The form with what browsers are told of it.
    ///
    /// @param content the same uncoded
    Form form(Form form, byte[][] content) {
      Stored head = known.head(form.head());
      if (head == null) {
        Fields fields = form.head().fields();
        head = new Stored(form.head().status(), fields(fields, content));
        // What is coded for one client's dictionary has a head of its own each time.
        if (!Dictionary.CODING.equals(fields.first(FieldName.CONTENT_ENCODING))) {
          known.keep(form.head(), head);
        }
      }
      if (head.fields().has(DictionaryFields.USE)) {
        dictionaries.keep(content, time.millis());
      }
      return new Form(head, form.content());
    }

    private Fields fields(Fields plain, byte[][] content) {
      Fields out = plain.copy();
      String note = out.first(BrowserFields.OPTIMIZED);
      boolean isForm = note != null && !BrowserFields.isMarked(out);
      out.set(BrowserFields.OPTIMIZED, isForm ? note + ";named" : "named");
      out.set(FieldName.CACHE_CONTROL, IMMUTABLE);
      out.remove(FieldName.EXPIRES);
      out.remove(FieldName.PRAGMA);
      int path = key.indexOf('/', key.indexOf("://") + 3);
      int query = key.indexOf('?');
      String bare = key.substring(path, query < 0 ? key.length() : query);
      DictionaryFields.add(out, key, bare, Form.length(content));
      return out;
    }

    byte[][] original() {
      return entry.body();
    }
  }

  /// Null where the name asked for is not that of the content, or browsers may not keep it for
  /// good.
  @Nullable Named named(String key, Entry<StoredResponse> entry, @Nullable String name) {
    if (name == null || !names.terms(key, entry).isForAll()) {
      return null;
    }
    ContentNames.Known known = names.of(key, entry);
    return known != null && known.name().equals(name) ? new Named(key, entry, known) : null;
  }
}
