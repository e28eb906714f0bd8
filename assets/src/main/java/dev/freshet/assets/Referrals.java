package dev.freshet.assets;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What pages say of the style sheets and scripts that they load, and so who may have one in other
/// octets than the app's.
///
/// A page may demand a digest of what it loads, and then gets the app's octets or breaks. So other
/// octets need proof to the contrary: a page that passed here names the file in a tag without a
/// digest; no text of any page that passed has the digest of its content; and who asks comes from a
/// page that passed here, so that nothing that a browser or another cache held before is
/// overlooked. What scripts load by themselves has no such proof and stays as it is.
final class Referrals {
  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");
  private static final int MAX_DIGESTS = 100_000;
  private static final byte[] SRC = Ascii.octets("src");
  private static final byte[] HREF = Ascii.octets("href");
  private static final byte[] REL = Ascii.octets("rel");
  private static final byte[] DEMANDED = Ascii.octets("integrity");

  private final Recent pages = new Recent(50_000);
  private final Recent named = new Recent(50_000);
  private final Set<String> unclear = ConcurrentHashMap.newKeySet();
  private final Set<String> digests = ConcurrentHashMap.newKeySet();

  /// One page while it passes.
  final class Reading {
    private final PageAddress address;
    private final String page;
    private final Integrity integrity;

    private Reading(PageAddress address, String url) {
      this.address = address;
      this.page = place(url);
      this.integrity = new Integrity(Referrals.this::demanded, () -> unclear(site(page)));
      pages.add(page);
    }

    void feed(byte[] piece) {
      integrity.feed(piece);
    }

    void end() {
      integrity.end();
    }

    /// What follows is not looked at for tags.
    void gaveUp() {
      pages.remove(page);
    }

    /// A tag of a page without `<base>`.
    void tag(Tag tag) {
      boolean isScript = tag.element() == Element.SCRIPT;
      String target = tag.value(isScript ? SRC : HREF);
      if (target == null || tag.has(DEMANDED) || !tag.isWhole()) {
        return;
      }
      String rel = isScript ? "" : tag.value(REL);
      if (isScript || (rel != null && rel.toLowerCase(Locale.ROOT).contains("stylesheet"))) {
        String url = address.resolve(target);
        if (url != null) {
          named.add(url);
        }
      }
    }
  }

  Reading read(PageAddress address, String url) {
    return new Reading(address, url);
  }

  private void demanded(String digest) {
    if (digests.size() < MAX_DIGESTS) {
      digests.add(digest);
    }
  }

  private void unclear(String site) {
    if (unclear.size() < MAX_DIGESTS) {
      unclear.add(site);
    }
  }

  /// Whether a file may be had in other octets by that request.
  ///
  /// @param url absolute, of the file
  /// @param own its digests
  /// @param isNamed whether the URL names the content: a page that passed here has it without a
  ///   digest, and no page has it from anywhere else
  boolean mayDiffer(String url, Set<String> own, Fields request, boolean isNamed) {
    return isForPage(request)
        && (isNamed || isFromPage(url, request))
        && !isDemanded(own)
        && !unclear.contains(site(place(url)))
        && unclear.size() < MAX_DIGESTS;
  }

  private boolean isFromPage(String url, Fields request) {
    String referer = request.first(FieldName.REFERER);
    return referer != null && !isOnlyOrigin(referer) && named.has(url) && pages.has(place(referer));
  }

  /// By `Referrer-Policy: origin` every page of a site says this; only the first one means it.
  private static boolean isOnlyOrigin(String referer) {
    int authority = referer.indexOf("://");
    int slash = authority < 0 ? -1 : referer.indexOf('/', authority + 3);
    return slash < 0 || slash == referer.length() - 1;
  }

  /// What a script fetches it may check; what another site loads it may too, and says `Origin`.
  private static boolean isForPage(Fields request) {
    String dest = request.first(DEST);
    return !request.has(FieldName.ORIGIN)
        && (dest == null || dest.equals("style") || dest.equals("script"));
  }

  private boolean isDemanded(Set<String> own) {
    if (digests.size() >= MAX_DIGESTS) {
      return true;
    }
    for (String digest : own) {
      if (digests.contains(digest)) {
        return true;
      }
    }
    return false;
  }

  /// Host and path: what is in front of Freshet may hide the scheme, and tracking the query.
  static String place(String url) {
    int authority = url.indexOf("://");
    String rest = authority < 0 ? url : url.substring(authority + 3);
    int end = end(rest, '?');
    end = Math.min(end, end(rest, '#'));
    int slash = end(rest, '/');
    return slash >= end
        ? rest.substring(0, end).toLowerCase(Locale.ROOT) + "/"
        : rest.substring(0, slash).toLowerCase(Locale.ROOT) + rest.substring(slash, end);
  }

  private static int end(String text, char sign) {
    int at = text.indexOf(sign);
    return at < 0 ? text.length() : at;
  }

  private static String site(String place) {
    return place.substring(0, end(place, '/'));
  }
}
