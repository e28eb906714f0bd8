package dev.freshet.assets;

import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts into one page what it needs of its style sheets, so that it is shown before they are there;
/// the sheets come after, each in its place, so that in the end the same rules win.
///
/// Only sheets whose URL names their content: a page is sent only while its names are right, so no
/// page has rules of a sheet that was.
final class CriticalStyles {
  /// Says of an element that it was put in.
  static final String MARK = "data-freshet=\"critical\"";

  /// What makes a sheet wait for nothing and count as soon as it is there.
  static final String ONLOAD = "this.media='all'";

  private static final byte[] HREF = Ascii.octets("href");

  /// With one of these the sheet is not simply there for the whole page.
  private static final byte[][] OWN = {
    Ascii.octets("media"),
    Ascii.octets("onload"),
    Ascii.octets("title"),
    Ascii.octets("disabled"),
    Ascii.octets("id")
  };

  private static final byte[] PUT =
      Ascii.octets(" media=\"print\" onload=\"" + ONLOAD + "\" " + MARK);

  private final Sheets sheets;
  private final PageAddress address;
  private final Names names;
  private final Supplier<Set<String>> page;
  private @Nullable Set<String> elements;

  /// @param page what its elements are called; asked for when it has a sheet
  CriticalStyles(Sheets sheets, PageAddress address, Names names, Supplier<Set<String>> page) {
    this.sheets = sheets;
    this.address = address;
    this.names = names;
    this.page = page;
  }

  /// A `<link>` in the head to a sheet; gives whether what the page needs of it is in the page now.
  ///
  /// @param behind what was put behind its URL
  boolean tag(Tag tag, String behind) {
    for (byte[] own : OWN) {
      if (tag.has(own)) {
        return false;
      }
    }
    String target = tag.value(HREF);
    if (target == null || target.indexOf('"') >= 0) {
      return false;
    }
    String url = address.resolve(target);
    byte[][] content = url == null ? null : names.content(url);
    if (url == null || content == null) {
      return false;
    }
    Set<String> called = elements;
    if (called == null) {
      called = page.get();
      elements = called;
    }
    String used = sheets.used(url, behind, content, called);
    if (used == null || !used.chars().allMatch(c -> c < 0x80)) {
      return false;
    }
    if (!used.isEmpty()) {
      tag.precede(Ascii.octets("<style " + MARK + ">" + used + "</style>"));
    }
    tag.put(PUT);
    tag.follow(
        Ascii.octets(
            "<noscript "
                + MARK
                + "><link rel=\"stylesheet\" href=\""
                + target
                + behind
                + "\"></noscript>"));
    return true;
  }
}
