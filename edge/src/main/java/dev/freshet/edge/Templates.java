package dev.freshet.edge;

import dev.freshet.base.Time;
import dev.freshet.cache.Cache;
import dev.freshet.cache.Entry;
import dev.freshet.cache.Resource;
import dev.freshet.cache.Standing;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.Caller;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.RequestHead;
import dev.freshet.http.ResponseHead;
import dev.freshet.http.Talk;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds pages that seem to be made from one template, by the folder that they are in, and lets
/// browsers fetch one of them as the dictionary for the others (RFC 9842, section 3).
///
/// A page itself is no dictionary: it has to be asked for each time, and a dictionary counts only
/// while it is fresh. So a copy of one is a resource of its own, which a browser fetches when it
/// has nothing else to do. It may be as old as it likes: what is coded against it is new.
final class Templates {
  static final String PATH = "/.freshet/dictionary/";

  /// Shorter pages are small by themselves.
  private static final int MIN_LENGTH = 4_000;

  /// Folders of which anything is known.
  private static final int MAX_FOLDERS = 64;

  /// Of all copies, with the pages that they are of.
  private static final long MAX_OCTETS = 16 << 20;

  private static final long MAX_AGE_MILLIS = TimeUnit.DAYS.toMillis(1);

  private static final long MIN_AGE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  private final Cache<StoredResponse> cache;
  private final Dictionaries dictionaries;
  private final Compression compression;
  private final Time time;
  private final Map<String, Folder> folders = new LinkedHashMap<>(16, 0.75f, true);

  /// @param first a page in it, until there is a copy of another
  private record Folder(String first, @Nullable Copy copy) {
    long octets() {
      return copy == null ? 0 : copy.octets();
    }
  }

  /// One page of the folder, as it once was.
  ///
  /// @param key of the page that it is a copy of
  /// @param body what was stored under it
  @SuppressWarnings("ArrayRecordComponent")
  private record Copy(
      String key,
      byte[][] body,
      Dictionary dictionary,
      byte[][] coded,
      String match,
      long madeMillis) {
    long octets() {
      return Form.length(body) + dictionary.length() + Form.length(coded);
    }
  }

  Templates(
      Cache<StoredResponse> cache, Dictionaries dictionaries, Compression compression, Time time) {
    this.cache = cache;
    this.dictionaries = dictionaries;
    this.compression = compression;
    this.time = time;
  }

  /// Where the browser finds the dictionary for pages like that; empty when there is none (yet).
  ///
  /// @param url absolute, of a page that everybody may have
  /// @param content as it is sent, not coded
  /// @param better told of a page that has one from now on
  String dictionary(
      String url, Entry<StoredResponse> page, byte[][] content, Consumer<String> better) {
    String folder = folder(url);
    long length = Form.length(content);
    boolean fits = length >= MIN_LENGTH && length <= Dictionaries.MAX_LENGTH;
    if (folder == null || !fits) {
      return "";
    }
    boolean mayBeCopied = secondsLeft(url, page) > 0;
    Folder known;
    synchronized (folders) {
      known = folders.get(folder);
      if (known == null) {
        if (mayBeCopied) {
          folders.put(folder, new Folder(url, null));
        }
        keepBounded();
        return "";
      }
    }
    Copy copy = known.copy();
    if (mayBeCopied && (copy == null ? !known.first().equals(url) : isOld(copy))) {
      copy = copied(folder, url, page, content);
      Folder made = new Folder(known.first(), copy);
      synchronized (folders) {
        folders.put(folder, made);
        keepBounded();
      }
      better.accept(known.first());
    }
    return copy == null || secondsLeft(copy) <= 0 ? "" : PATH + copy.dictionary().urlName();
  }

  /// What was not used for the longest goes first.
  private void keepBounded() {
    long octets = 0;
    for (Folder each : folders.values()) {
      octets += each.octets();
    }
    Iterator<Folder> eldest = folders.values().iterator();
    while (folders.size() > MAX_FOLDERS || octets > MAX_OCTETS) {
      octets -= eldest.next().octets();
      eldest.remove();
    }
  }

  /// One that ended early is not followed by the next at once: browsers fetch each.
  private boolean isOld(Copy copy) {
    long age = time.millis() - copy.madeMillis();
    return age > MAX_AGE_MILLIS || (age > MIN_AGE_MILLIS && secondsLeft(copy) <= 0);
  }

  private Copy copied(String folder, String url, Entry<StoredResponse> page, byte[][] content) {
    Dictionary made = Dictionary.of(content);
    dictionaries.keep(made);
    byte[][] coded = compression.encode(content, Coding.GZIP, Effort.WELL);
    String match = folder.substring(folder.indexOf('/', folder.indexOf("://") + 3)) + "*";
    return new Copy(url, page.body(), made, coded, match, time.millis());
  }

  /// How long browsers may keep a copy from now on: no longer than its page, and not at all once
  /// that was purged or its rows have changed.
  private long secondsLeft(Copy copy) {
    long left = copy.madeMillis() + MAX_AGE_MILLIS - time.millis();
    Resource<StoredResponse> resource = cache.heap(copy.key());
    for (int i = 0; resource != null && i < resource.size(); i++) {
      Entry<StoredResponse> page = resource.get(i);
      if (Arrays.equals(page.body(), copy.body())) {
        return Math.min(TimeUnit.MILLISECONDS.toSeconds(left), secondsLeft(copy.key(), page));
      }
    }
    return 0;
  }

  /// How long a copy of a page may be kept; nothing unless it is for everybody in so many words, or
  /// where it has to be asked for each time. What rows keep may be kept here: what is coded against
  /// it is not older for it.
  private long secondsLeft(String key, Entry<StoredResponse> page) {
    StoredResponse stored = page.meta();
    boolean isForAll = stored.isForEverybody(key) && stored.rules().shared();
    if (!isForAll || cache.standing(page) != Standing.LIVE) {
      return 0;
    }
    long left = TimeUnit.MILLISECONDS.toSeconds(stored.times().leftMillis(time.millis()));
    if (stored.rules().byRows()) {
      return left;
    }
    CacheDirectives said = CacheDirectives.parse(BrowserFields.own(stored.head().fields()));
    boolean isAskedFor = said.noCache() || said.mustRevalidate() || said.proxyRevalidate();
    if (isAskedFor || said.noStore() || said.isPrivate()) {
      return 0;
    }
    long age = TimeUnit.MILLISECONDS.toSeconds(stored.times().ageMillis(time.millis()));
    return said.maxAge() < 0 ? left : Math.min(left, said.maxAge() - age);
  }

  /// Everything up to the last slash of the path; null where a pattern for it can't be written
  /// without doubt.
  static @Nullable String folder(String url) {
    int query = url.indexOf('?');
    String bare = query < 0 ? url : url.substring(0, query);
    int root = bare.indexOf('/', bare.indexOf("://") + 3);
    int slash = bare.lastIndexOf('/');
    if (root < 0 || DictionaryFields.match(bare.substring(root)) == null) {
      return null;
    }
    return bare.substring(0, slash + 1);
  }

  /// Answers a request for one.
  Talk begin(RequestHead head, Caller caller) {
    if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
      caller.head(
          new ResponseHead(405, Fields.of("Allow", "GET, HEAD", "Cache-Control", "no-store")), 0);
      caller.end();
      return new Talk() {};
    }
    String name = head.path().substring(PATH.length());
    String site = head.scheme() + "://" + head.authority().toLowerCase(Locale.ROOT) + "/";
    Copy found = null;
    synchronized (folders) {
      for (Map.Entry<String, Folder> one : folders.entrySet()) {
        Copy copy = one.getValue().copy();
        boolean isThere = one.getKey().startsWith(site);
        if (isThere && copy != null && copy.dictionary().urlName().equals(name)) {
          found = copy;
        }
      }
    }
    long seconds = found == null ? 0 : secondsLeft(found);
    answer(seconds > 0 ? found : null, seconds, head, caller);
    return new Talk() {};
  }

  private static void answer(@Nullable Copy found, long seconds, RequestHead head, Caller caller) {
    if (found == null) {
      Fields fields = Fields.of("Cache-Control", "no-store");
      caller.head(new ResponseHead(404, fields), 0);
      caller.end();
      return;
    }
    String accepted = head.fields().combined(FieldName.ACCEPT_ENCODING);
    boolean isCoded = accepted != null && accepted.toLowerCase(Locale.ROOT).contains("gzip");
    byte[][] content = isCoded ? found.coded() : found.dictionary().content();
    Fields fields =
        Fields.of(
            "Content-Type",
            "text/plain; charset=utf-8",
            "X-Content-Type-Options",
            "nosniff",
            "Cache-Control",
            "max-age=" + seconds,
            "Vary",
            "Accept-Encoding");
    fields.set(
        DictionaryFields.USE,
        "match=\"" + found.match() + "\", match-dest=(\"document\" \"iframe\")");
    if (isCoded) {
      fields.set(FieldName.CONTENT_ENCODING, "gzip");
    }
    caller.head(new ResponseHead(200, fields), Form.length(content));
    if (head.method().equals("GET")) {
      for (byte[] piece : content) {
        caller.write(piece);
      }
    }
    caller.end();
  }
}
