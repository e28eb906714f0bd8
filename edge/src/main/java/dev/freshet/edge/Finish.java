package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
/// @param names contents that it names; they stand for something in its tag
/// @param era [Polish]'s when it was begun
record Finish(
    Polish.Level level, String note, boolean isWhole, Fields hints, PageNames names, long era) {
  static final FieldName OPTIMIZE = FieldName.of("Freshet-Optimize");
  private static final String WAS_STRONG = "~s";
  private static final String WAS_WEAK = "~w";

  /// What was, and the names in the page.
  private static final Pattern MADE = Pattern.compile("~([sw])(?:\\.([A-Za-z0-9_-]+))?\"$");

  /// As the app made it.
  static Finish plain(Polish.Level level, long era) {
    return new Finish(level, "", true, Hints.NONE, PageNames.NONE, era);
  }

  /// As the app made it, since anything else was wrong.
  static Finish off(Polish.Level level, String why, long era) {
    return plain(level, era).with(Fields.of(BrowserFields.OPTIMIZED.text(), "off;why=" + why));
  }

  /// While it passes.
  static Finish passing(Polish.Level level, PageNames names, long era) {
    return new Finish(level, level.name().toLowerCase(Locale.ROOT), false, Hints.NONE, names, era);
  }

  /// The same with more fields to be sent beside the page's own.
  Finish with(Fields more) {
    Fields all = hints.isEmpty() ? more : hints.copy().addAll(more);
    return new Finish(level, note, isWhole, all, names, era);
  }

  /// The same of a page that was confirmed.
  Finish under(Fields said, long bornMillis) {
    return new Finish(level, note, isWhole, hints, names.under(said, bornMillis), era);
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
    String named = names.tag();
    if (tag != null && tag.endsWith("\"") && tag.length() > 1) {
      fields.set(FieldName.ETAG, tag(tag, named));
    }
    if (!named.isEmpty()) {
      // A time of change says nothing of the names.
      fields.remove(FieldName.LAST_MODIFIED);
    }
  }

  private static String tag(String tag, String named) {
    boolean isWeak = tag.startsWith("W/");
    String bare = tag.substring(0, tag.length() - 1);
    String end = named.isEmpty() ? "\"" : "." + named + "\"";
    return isWeak ? bare + WAS_WEAK + end : "W/" + bare + WAS_STRONG + end;
  }

  /// An `If-None-Match` with the app's own tags in the place of those made here.
  ///
  /// @param isRight whether a page with those names may be kept; else its tag stays as it is, and
  ///   means nothing to anybody
  static String originTag(String ifNoneMatch, Predicate<String> isRight) {
    if (!ifNoneMatch.contains(WAS_STRONG) && !ifNoneMatch.contains(WAS_WEAK)) {
      return ifNoneMatch;
    }
    List<String> out = new ArrayList<>();
    for (String tag : FieldLists.split(ifNoneMatch)) {
      out.add(own(tag, isRight));
    }
    return String.join(", ", out);
  }

  private static String own(String tag, Predicate<String> isRight) {
    Matcher made = MADE.matcher(tag);
    if (!made.find() || (made.group(2) != null && !isRight.test(made.group(2)))) {
      return tag;
    }
    String bare = tag.substring(0, made.start()) + '"';
    boolean wasStrong = made.group(1).equals("s");
    return wasStrong && bare.startsWith("W/") ? bare.substring(2) : bare;
  }

  /// Puts into the app's 304 the tag of what the client has, not of what the app would send.
  static void on304(Fields answer, @Nullable String ifNoneMatch, Predicate<String> isRight) {
    String tag = answer.first(FieldName.ETAG);
    if (tag == null || ifNoneMatch == null || !tag.endsWith("\"")) {
      return;
    }
    for (String given : FieldLists.split(ifNoneMatch)) {
      if (!given.equals(tag) && originTag(given, isRight).equals(tag)) {
        answer.set(FieldName.ETAG, given);
      }
    }
  }
}
