package dev.freshet.assets;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where a page is, to find its pictures by what stands in their `src` (HTML, section 2.4; RFC
/// 3986, section 5).
public final class PageAddress {
  private final String scheme;
  private final String site;
  private final String path;

  /// @param url absolute, as clients use it
  public PageAddress(String url) {
    int authority = url.indexOf("://");
    int slash = authority < 0 ? -1 : url.indexOf('/', authority + 3);
    scheme = authority < 0 ? "http" : url.substring(0, authority).toLowerCase(Locale.ROOT);
    site = slash < 0 ? url : url.substring(0, slash).toLowerCase(Locale.ROOT);
    String rest = slash < 0 ? "/" : url.substring(slash);
    int query = rest.indexOf('?');
    path = query < 0 ? rest : rest.substring(0, query);
  }

  /// Scheme and authority.
  String site() {
    return site;
  }

  /// The absolute URL that a `src` means, or null when it leads to another site or can't be told
  /// for certain.
  @Nullable String resolve(String src) {
    String bare = src.strip();
    if (bare.contains("&")) {
      bare = bare.replace("&amp;", "&");
    }
    int fragment = bare.indexOf('#');
    bare = fragment < 0 ? bare : bare.substring(0, fragment);
    if (bare.isEmpty() || !isPlain(bare)) {
      return null;
    }
    if (bare.startsWith("//")) {
      bare = scheme + ":" + bare;
    }
    boolean isSimple = bare.charAt(0) == '/' && !bare.contains("/.");
    return isSimple ? site + bare : byUri(bare);
  }

  private @Nullable String byUri(String reference) {
    try {
      URI url = new URI(site + path).resolve(new URI(reference));
      String all = url.toString();
      int length = site.length();
      boolean isHere =
          all.length() > length
              && all.regionMatches(true, 0, site, 0, length)
              && all.charAt(length) == '/';
      return isHere ? site + all.substring(length) : null;
    } catch (URISyntaxException | IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPlain(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(int c) {
    return c > ' ' && c < 0x7f && c != '\\' && c != '"' && c != '<' && c != '>';
  }
}
