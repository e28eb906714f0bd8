package dev.freshet.assets;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Locale;

/// The sites on which a script looks for elements of style sheets, or for sheets by where they come
/// from: to turn one off, say, or to load none twice. It compares URLs that the app gave, so there
/// the URLs of sheets stay.
final class SheetLookups {
  private static final String SHEETS = ".styleSheets";
  private static final String ELEMENT = "link";

  /// More than what is looked for has.
  private static final int CARRIED = 32;

  private final Recent sites = new Recent(10_000);

  /// The scripts within one page, while it passes.
  final class Reading {
    private final String site;
    private String carried = "";
    private boolean isFound;

    private Reading(String site) {
      this.site = site;
    }

    /// The next piece.
    void feed(byte[] data, int from, int to) {
      if (isFound) {
        return;
      }
      String text = carried + Ascii.text(data, from, to);
      isFound = isIn(text);
      if (isFound) {
        sites.add(site);
      }
      carried = text.substring(Math.max(0, text.length() - CARRIED));
    }
  }

  Reading read(PageAddress page) {
    return new Reading(page.site());
  }

  /// Something that everybody may have was stored.
  ///
  /// @param url absolute
  void seen(String url, Fields response, byte[][] content) {
    String type = response.first(FieldName.CONTENT_TYPE);
    boolean isScript = type != null && type.toLowerCase(Locale.ROOT).contains("javascript");
    String site = new PageAddress(url).site();
    if (!isScript || response.has(FieldName.CONTENT_ENCODING) || sites.has(site)) {
      return;
    }
    Reading reading = new Reading(site);
    for (byte[] piece : content) {
      reading.feed(piece, 0, piece.length);
    }
  }

  /// A site that is asked for is not forgotten: its script may be stored once for all.
  boolean areOn(PageAddress page) {
    boolean areKnown = sites.has(page.site());
    if (areKnown) {
      sites.add(page.site());
    }
    return areKnown;
  }

  static boolean isIn(String script) {
    if (script.contains(SHEETS)) {
      return true;
    }
    int at = script.indexOf(ELEMENT);
    while (at >= 0 && !isLookup(script, at)) {
      at = script.indexOf(ELEMENT, at + 1);
    }
    return at >= 0;
  }

  /// `link[href=...]`, `TagName("link")`, `querySelectorAll('link')`; not `createElement("link")`.
  private static boolean isLookup(String script, int at) {
    int end = at + ELEMENT.length();
    boolean isWord = at == 0 || !Character.isLetterOrDigit(script.charAt(at - 1));
    if (isWord && end < script.length() && script.charAt(end) == '[') {
      return true;
    }
    String before = script.substring(Math.max(0, at - CARRIED / 2), at).stripTrailing();
    if (before.length() < 2 || "\"'`".indexOf(before.charAt(before.length() - 1)) < 0) {
      return false;
    }
    String call = before.substring(0, before.length() - 1).stripTrailing();
    return call.endsWith("Name(") || call.endsWith("Selector(") || call.endsWith("All(");
  }
}
