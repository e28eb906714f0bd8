package dev.freshet.assets;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.VaryKey;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/// The static assets that were seen, and which octets each of them had last.
///
/// What is listed for browsers is what would be served from memory at that moment: what is only
/// known from before has no place there.
final class AssetList {
  /// Of all sites together; who was not seen for longest goes first.
  private static final int MAX_KNOWN = 5_000;

  /// A larger one is the browser's own cache's business.
  private static final int MAX_OCTETS = 4 << 20;

  private static final Pattern VERSION =
      Pattern.compile("(?:(?:v|ver|version|rev|h|hash)=[\\w.-]{1,16}|[\\d.]{1,16})");

  private static final int REVISION_OCTETS = 9;
  private static final int AHEAD = 1;
  private static final int REVALIDATE = 2;

  /// By key, which is the absolute URL; the last seen is the last.
  private final Map<String, Asset> known = new LinkedHashMap<>();

  private record Asset(String revision, int octets) {}

  /// Something that everybody may have was stored.
  void seen(String key, Fields response, byte[][] content) {
    long octets = 0;
    for (byte[] piece : content) {
      octets += piece.length;
    }
    String type = type(response);
    boolean mayBeListed =
        isEarly(type) && isOpen(key) && octets <= MAX_OCTETS && isForAll(response);
    Asset asset = mayBeListed ? new Asset(revision(content), (int) octets) : null;
    synchronized (known) {
      known.remove(key);
      if (asset != null) {
        known.put(key, asset);
      }
      if (known.size() > MAX_KNOWN) {
        Iterator<String> eldest = known.keySet().iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  private static String type(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    int end = type == null ? -1 : type.indexOf(';');
    String bare = type == null ? "" : end < 0 ? type : type.substring(0, end);
    return bare.strip().toLowerCase(Locale.ROOT);
  }

  /// Anybody can read the list: a URL that is a secret must not be in it. A query may be one, but
  /// for a version.
  private static boolean isOpen(String key) {
    int query = key.indexOf('?');
    return query < 0 || VERSION.matcher(key.substring(query + 1)).matches();
  }

  /// What pages can't be shown without; pictures may be what only some know the URL of.
  private static boolean isEarly(String type) {
    return type.equals("text/css")
        || type.endsWith("/javascript")
        || type.endsWith("/x-javascript")
        || type.startsWith("font/")
        || type.startsWith("application/font")
        || type.equals("application/wasm");
  }

  /// One form for everybody; what is stored besides is not for this list.
  private static boolean isForAll(Fields response) {
    CacheDirectives control = CacheDirectives.parse(response);
    VaryKey vary = VaryKey.parse(response);
    return !control.isPrivate()
        && !control.noStore()
        && !control.noCache()
        && !response.has(FieldName.SET_COOKIE)
        && !response.has(FieldName.CONTENT_ENCODING)
        && !vary.isStar()
        && vary.names().stream().allMatch(FieldName.ACCEPT_ENCODING::equals);
  }

  private static String revision(byte[][] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] piece : content) {
        digest.update(piece);
      }
      byte[] octets = Arrays.copyOf(digest.digest(), REVISION_OCTETS);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  int size() {
    synchronized (known) {
      return known.size();
    }
  }

  /// For the browsers of one site: `{"assets":[[path, revision, flags], ...]}`, the last seen
  /// first, no more than a browser may keep.
  ///
  /// @param site such as `https://shop.example`
  String json(String site, WorkerConfig config, Function<String, Held> held) {
    long room = config.maxSize().bytes();
    long ahead = config.ahead().bytes();
    int places = config.maxEntries();
    StringBuilder out = new StringBuilder("{\"assets\":[");
    for (Map.Entry<String, Asset> each : of(site)) {
      Asset asset = each.getValue();
      Held now = asset.octets() > room || places == 0 ? Held.NO : held.apply(each.getKey());
      if (now == Held.NO) {
        continue;
      }
      boolean isAhead = asset.octets() <= ahead;
      room -= asset.octets();
      ahead -= isAhead ? asset.octets() : 0;
      places--;
      int flags = (isAhead ? AHEAD : 0) | (now == Held.WHILE_REVALIDATING ? REVALIDATE : 0);
      out.append(out.charAt(out.length() - 1) == '[' ? "" : ",\n");
      out.append("[\"").append(escaped(each.getKey().substring(site.length())));
      out.append("\",\"").append(asset.revision()).append("\",").append(flags).append(']');
    }
    return out.append("]}\n").toString();
  }

  private List<Map.Entry<String, Asset>> of(String site) {
    List<Map.Entry<String, Asset>> out = new ArrayList<>();
    String beginning = site + "/";
    synchronized (known) {
      known.forEach((key, asset) -> {
        if (key.startsWith(beginning)) {
          out.add(Map.entry(key, asset));
        }
      });
    }
    return out.reversed();
  }

  private static String escaped(String path) {
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean isPlain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
      out.append(isPlain ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    return out.toString();
  }
}
