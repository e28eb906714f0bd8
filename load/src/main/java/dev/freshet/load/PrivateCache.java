package dev.freshet.load;

import dev.freshet.http.AgeField;
import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HttpDate;
import dev.freshet.http.VaryKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one browser has kept of the answers it got (RFC 9111, a private cache): validators and
/// lifetimes, and of pages the files that they load. No content, so that a thousand of them fit.
final class PrivateCache {
  private static final int MOST = 1_000;

  /// Statuses that may be kept without being told for how long (RFC 9110, section 15.1).
  private static final Set<Integer> KNOWN =
      Set.of(200, 203, 204, 300, 301, 308, 404, 405, 410, 414);

  /// Share of its age that an answer without a lifetime is taken for fresh (RFC 9111, section
  /// 4.2.2).
  private static final double GUESS = 0.1;

  private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

  /// @param status of the answer that was stored, which is what a 304 stands for
  /// @param lifetime seconds, as it was told
  /// @param staleAt nanoseconds of the loop's clock
  /// @param selected values of the request that `Vary` names
  record Kept(
      int status,
      boolean isPage,
      @Nullable String etag,
      @Nullable String modified,
      double lifetime,
      long staleAt,
      List<FieldName> vary,
      List<String> selected,
      List<String> files) {}

  boolean isEmpty() {
    return kept.isEmpty();
  }

  /// What can be used without asking anybody; null when that can't be.
  @Nullable Kept fresh(Call call, String cookies, long now) {
    Kept known = of(call, cookies);
    boolean isOfUse = known != null && now < known.staleAt && !call.needsAnswer();
    return isOfUse ? known : null;
  }

  /// What was kept of an answer to the same request, fresh or not.
  @Nullable Kept of(Call call, String cookies) {
    if (!isPlainGet(call)) {
      return null;
    }
    Kept known = kept.get(call.target());
    boolean isSame =
        known != null
            && (known.vary.isEmpty() || known.selected.equals(selected(known.vary, call, cookies)));
    return isSame ? known : null;
  }

  /// One that narrows what it wants itself is no business of the cache.
  private static boolean isPlainGet(Call call) {
    return call.method().equals("GET")
        && call.header("Cache-Control") == null
        && call.header("Range") == null
        && call.header("If-None-Match") == null
        && call.header("If-Modified-Since") == null;
  }

  private static List<String> selected(List<FieldName> vary, Call call, String cookies) {
    Fields request = new Fields();
    request.add(FieldName.ACCEPT_ENCODING, Decoding.ACCEPTED);
    if (!cookies.isEmpty()) {
      request.add(FieldName.COOKIE, cookies);
    }
    call.addTo(request);
    return vary.stream().map(name -> VaryKey.normalised(name, request)).toList();
  }

  /// The request with the conditions that let the target answer with 304.
  Call conditional(Call call, String cookies) {
    Kept known = of(call, cookies);
    if (known == null || call.needsAnswer()) {
      return call;
    }
    List<Call.Header> more = new ArrayList<>(2);
    if (known.etag != null) {
      more.add(new Call.Header("If-None-Match", known.etag));
    }
    if (known.modified != null) {
      more.add(new Call.Header("If-Modified-Since", known.modified));
    }
    return more.isEmpty() ? call : call.with(more);
  }

  /// Takes an answer in.
  ///
  /// @param cookies that were sent with it
  /// @param files that a page loads; of no meaning with 304
  /// @param took nanoseconds that the answer was on its way
  /// @param now nanoseconds of the loop's clock
  /// @param millis wall clock
  /// @return files that the page loads, those known before with 304
  List<String> keep(
      Call call,
      String cookies,
      Reply reply,
      List<String> files,
      long took,
      long now,
      long millis) {
    String target = call.target();
    if (!call.method().equals("GET")) {
      if (!isSafe(call.method()) && reply.status() < 400) {
        // RFC 9111, section 4.4.
        kept.remove(target);
      }
      return files;
    }
    Kept before = kept.get(target);
    boolean isSame = reply.status() == 304;
    List<String> loads = isSame && before != null ? before.files : files;
    if (call.header("Range") != null || (isSame && before == null) || reply.status() == 206) {
      return loads;
    }
    Kept taken = kept(call, cookies, reply, loads, before, took, now, millis);
    if (taken == null) {
      kept.remove(target);
      return loads;
    }
    kept.put(target, taken);
    if (kept.size() > MOST) {
      kept.remove(kept.keySet().iterator().next());
    }
    return loads;
  }

  private static boolean isSafe(String method) {
    return method.equals("HEAD") || method.equals("OPTIONS");
  }

  /// Null when it may not be kept, or nothing could be done with it.
  private static @Nullable Kept kept(
      Call call,
      String cookies,
      Reply reply,
      List<String> files,
      @Nullable Kept before,
      long took,
      long now,
      long millis) {
    Fields fields = reply.fields();
    Kept same = reply.status() == 304 ? before : null;
    CacheDirectives directives = CacheDirectives.parse(fields);
    VaryKey vary = VaryKey.parse(fields);
    double told = lifetime(reply, directives);
    double lifetime = (told < 0 && same != null) ? same.lifetime : Math.max(0, told);
    String etag = told(fields, FieldName.ETAG, same == null ? null : same.etag);
    String modified = told(fields, FieldName.LAST_MODIFIED, same == null ? null : same.modified);
    boolean isKnown = same != null || KNOWN.contains(reply.status()) || told >= 0;
    boolean isOfUse = lifetime > 0 || etag != null || modified != null;
    if (directives.noStore() || vary.isStar() || !isKnown || !isOfUse || reply.status() >= 500) {
      return null;
    }
    double left = directives.noCache() ? 0 : lifetime - age(fields, took, millis);
    List<FieldName> names = same == null ? vary.names() : same.vary;
    return new Kept(
        same == null ? reply.status() : same.status,
        same == null ? reply.isPage() : same.isPage,
        etag,
        modified,
        lifetime,
        now + (long) (left * 1e9),
        names,
        selected(names, call, cookies),
        files);
  }

  private static @Nullable String told(Fields fields, FieldName name, @Nullable String otherwise) {
    String value = fields.first(name);
    return value == null ? otherwise : value;
  }

  /// Seconds; -1 when nothing is said, and nothing may be guessed.
  private static double lifetime(Reply reply, CacheDirectives directives) {
    Fields fields = reply.fields();
    if (directives.maxAge() >= 0) {
      return directives.maxAge();
    }
    long date = date(fields, FieldName.DATE);
    String expires = fields.first(FieldName.EXPIRES);
    if (expires != null) {
      long until = HttpDate.parse(expires);
      return until == HttpDate.INVALID || date == HttpDate.INVALID ? 0 : Math.max(0, until - date);
    }
    long modified = date(fields, FieldName.LAST_MODIFIED);
    boolean mayGuess =
        KNOWN.contains(reply.status()) && date != HttpDate.INVALID && modified != HttpDate.INVALID;
    return mayGuess ? Math.max(0, GUESS * (date - modified)) : -1;
  }

  private static long date(Fields fields, FieldName name) {
    String value = fields.first(name);
    return value == null ? HttpDate.INVALID : HttpDate.parse(value);
  }

  /// RFC 9111, section 4.2.3.
  private static double age(Fields fields, long took, long millis) {
    long date = date(fields, FieldName.DATE);
    double apparent = date == HttpDate.INVALID ? 0 : Math.max(0, millis / 1_000 - date);
    return Math.max(apparent, AgeField.parse(fields) + took / 1e9);
  }
}
