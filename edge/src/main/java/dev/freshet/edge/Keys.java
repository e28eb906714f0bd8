package dev.freshet.edge;

import dev.freshet.cache.Cache;
import dev.freshet.edge.RouteRule.Share;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.NoVarySearch;
import dev.freshet.http.QueryString;
import dev.freshet.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Makes cache keys (RFC 9111, section 2): scheme, authority and target, without what is known not
/// to matter.
///
/// Left out: the operator's ignored parameters (tracking), and what the resource said with
/// `No-Vary-Search`. A rule that shares by user puts a digest of the credentials behind
/// [Cache#SEPARATOR], so that purging the URL finds every user's copy.
final class Keys {
  private static final int MAX_REMEMBERED = 10_000;

  /// Stands for all who show no credentials: no digest is so short.
  private static final String ANYBODY = "-";

  private final QueryString.Ignored ignored;
  private final Map<String, NoVarySearch> noVarySearch = new ConcurrentHashMap<>();

  Keys(QueryString.Ignored ignored) {
    this.ignored = ignored;
  }

  /// The key for a request; stable for equal requests.
  String of(RequestHead head, RouteRule rule) {
    String url = url(head.scheme(), head.authority(), head.target());
    return rule.share() == Share.BY_USER ? url + Cache.SEPARATOR + user(head, rule) : url;
  }

  /// The request without the parameters that no key holds. The app must not see them where its
  /// answer may be stored: it would be one that was made with them, for everybody (and some apps
  /// find further parameters in what they are set to).
  RequestHead asKeyed(RequestHead head) {
    String query = head.query();
    String kept = query.isEmpty() ? query : ignored.strip(query);
    if (kept.equals(query)) {
      return head;
    }
    String target = kept.isEmpty() ? head.path() : head.path() + "?" + kept;
    return new RequestHead(
        head.method(), head.scheme(), head.authority(), target, head.fields(), head.version());
  }

  /// What of a request's target tells its answer from others: a digest elsewhere names nothing.
  String telling(RequestHead asked, Fields answer) {
    return NoVarySearch.of(answer) == null ? asKeyed(asked).target() : asked.path();
  }

  /// The key of a URL that everybody shares.
  String url(String scheme, String authority, String target) {
    return url(scheme, authority, target, true);
  }

  /// All keys under which a URL's responses may be: those stored before its resource said what does
  /// not matter are not found now, but they would be again once that is forgotten.
  Set<String> urls(String scheme, String authority, String target) {
    Set<String> keys = new LinkedHashSet<>(2);
    keys.add(url(scheme, authority, target, true));
    keys.add(url(scheme, authority, target, false));
    return keys;
  }

  private String url(String scheme, String authority, String target, boolean isByWord) {
    int question = target.indexOf('?');
    if (question < 0) {
      return scheme + "://" + authority + target;
    }
    String path = target.substring(0, question);
    String query = ignored.strip(target.substring(question + 1));
    if (isByWord && !noVarySearch.isEmpty() && !query.isEmpty()) {
      NoVarySearch rule = noVarySearch.get(authority + path);
      if (rule != null) {
        query = rule.normalise(query);
      }
    }
    return query.isEmpty()
        ? scheme + "://" + authority + path
        : scheme + "://" + authority + path + "?" + query;
  }

  /// Remembers what a resource said about its query; returns true when that changes its keys.
  boolean learn(RequestHead head, @Nullable NoVarySearch said) {
    String place = head.authority() + head.path();
    if (said == null) {
      return !noVarySearch.isEmpty() && noVarySearch.remove(place) != null;
    }
    if (noVarySearch.size() >= MAX_REMEMBERED) {
      noVarySearch.clear();
    }
    return !said.equals(noVarySearch.put(place, said));
  }

  private static String user(RequestHead head, RouteRule rule) {
    boolean isAnybody =
        !head.fields().has(FieldName.COOKIE) && !head.fields().has(FieldName.AUTHORIZATION);
    return isAnybody ? ANYBODY : known(head, rule);
  }

  private static String known(RequestHead head, RouteRule rule) {
    Sha256 digest = new Sha256();
    String authorization = head.fields().combined(FieldName.AUTHORIZATION);
    digest.add(new byte[] {(byte) (authorization == null ? 0 : 1)});
    if (authorization != null) {
      digest.add(authorization.getBytes(StandardCharsets.ISO_8859_1));
    }
    // Apps differ in which one counts of two with one name: all of them make the key.
    Map<String, StringBuilder> cookies = new TreeMap<>();
    for (String line : head.fields().all(FieldName.COOKIE)) {
      Cookies.forEach(
          line,
          (name, value) -> {
            if (rule.userCookies().isEmpty() || rule.userCookies().contains(name)) {
              cookies
                  .computeIfAbsent(name, n -> new StringBuilder())
                  .append('\n')
                  .append(name)
                  .append('=')
                  .append(value);
            }
          });
    }
    cookies
        .values()
        .forEach(said -> digest.add(said.toString().getBytes(StandardCharsets.ISO_8859_1)));
    return digest.end();
  }
}
