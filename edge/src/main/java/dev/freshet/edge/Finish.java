package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a coded form of a page was made from what the app said, and what that means for its fields.
///
/// A page with something put into it has not the octets that the app's tag names, but means the
/// same (RFC 9110, section 8.8.1): it gets a weak tag made of the app's, from which the app's can
/// be told again. So a browser that validates is answered by the app's own tag, and one that has
/// the better page is sent the app's as soon as [Polish] is turned off.
///
/// @param level at which it was made
/// @param note what was done; empty when nothing was
/// @param isWhole false when it was made while it passed, with less known than there is now
/// @param hints fields to be sent beside the page's own; not changed by anyone
record Finish(Polish.Level level, String note, boolean isWhole, Fields hints) {
  static final FieldName OPTIMIZE = FieldName.of("Freshet-Optimize");
  private static final String WAS_STRONG = "~s\"";
  private static final String WAS_WEAK = "~w\"";

  /// As the app made it.
  static Finish plain(Polish.Level level) {
    return new Finish(level, "", true, Hints.NONE);
  }

  /// While it passes.
  static Finish passing(Polish.Level level) {
    return new Finish(level, level.name().toLowerCase(Locale.ROOT), false, Hints.NONE);
  }

  /// The same with fields to be sent beside the page's own.
  Finish with(Fields more) {
    Fields all = hints.isEmpty() ? more : hints.copy().addAll(more);
    return new Finish(level, note, isWhole, all);
  }

  boolean isChanged() {
    return !note.isEmpty();
  }

  static boolean isPage(Fields response) {
    String type = response.first(FieldName.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, "text/html", 0, 9);
  }

  /// Whether the client wants the page as the app made it.
  static boolean isUnwanted(Fields request) {
    return request.has(OPTIMIZE) && "off".equalsIgnoreCase(request.first(OPTIMIZE));
  }

  /// Changes the fields of the app's page to those of this form.
  void on(Fields fields) {
    fields.addAll(hints);
    if (!isChanged()) {
      return;
    }
    fields.set(BrowserFields.OPTIMIZED, note);
    String tag = fields.first(FieldName.ETAG);
    if (tag != null && tag.endsWith("\"") && tag.length() > 1) {
      fields.set(FieldName.ETAG, tag(tag));
    }
  }

  private static String tag(String tag) {
    boolean isWeak = tag.startsWith("W/");
    String bare = tag.substring(0, tag.length() - 1);
    return isWeak ? bare + WAS_WEAK : "W/" + bare + WAS_STRONG;
  }

  /// An `If-None-Match` with the app's own tags in the place of those made here.
  static String originTag(String ifNoneMatch) {
    if (!ifNoneMatch.contains(WAS_STRONG) && !ifNoneMatch.contains(WAS_WEAK)) {
      return ifNoneMatch;
    }
    List<String> out = new ArrayList<>();
    for (String tag : FieldLists.split(ifNoneMatch)) {
      if (tag.startsWith("W/\"") && tag.endsWith(WAS_STRONG)) {
        out.add(tag.substring(2, tag.length() - WAS_STRONG.length()) + '"');
      } else if (tag.endsWith(WAS_WEAK)) {
        out.add(tag.substring(0, tag.length() - WAS_WEAK.length()) + '"');
      } else {
        out.add(tag);
      }
    }
    return String.join(", ", out);
  }

  /// Puts into the app's 304 the tag of what the client has, not of what the app would send.
  static void on304(Fields answer, @Nullable String ifNoneMatch) {
    String tag = answer.first(FieldName.ETAG);
    if (tag == null || ifNoneMatch == null || !tag.endsWith("\"")) {
      return;
    }
    for (String given : FieldLists.split(ifNoneMatch)) {
      if (!given.equals(tag) && originTag(given).equals(tag)) {
        answer.set(FieldName.ETAG, given);
      }
    }
  }
}
