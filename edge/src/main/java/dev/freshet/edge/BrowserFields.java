package dev.freshet.edge;

import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import dev.freshet.http.HttpDate;
import dev.freshet.http.ResponseHead;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What browsers are told of stored files about which the app says nothing: `Cache-Control` for
/// what pages are made of, a question each time for pages themselves, and a tag for all.
///
/// Without a word of the app's every cache may guess (RFC 9111, section 4.2.2), and browsers do: a
/// tenth of the time since the last change, however long that is. Here the guess is written down,
/// bounded, and ends in a question: never longer than the browser's own, except for a URL that
/// names its content. What rows keep is never here: [RowsFields] has it asked for each time.
final class BrowserFields {
  static final FieldName OPTIMIZED = FieldName.of("Freshet-Optimized");
  private static final String MARK = "cache=";
  private static final String IMMUTABLE = "max-age=31536000, immutable";

  /// Whoever says one of these has thought about browsers.
  private static final List<FieldName> SAID =
      List.of(FieldName.CACHE_CONTROL, FieldName.EXPIRES, FieldName.PRAGMA);

  private static final Set<String> BUILT =
      Set.of(
          "text/css",
          "text/javascript",
          "application/javascript",
          "application/x-javascript",
          "application/wasm",
          "application/font-woff",
          "application/font-woff2",
          "application/x-font-woff",
          "application/x-font-ttf",
          "application/vnd.ms-fontobject");

  private static final long MAX_GUESS_SECONDS = TimeUnit.DAYS.toSeconds(1);

  /// A tag and a digest cost a millisecond for so much.
  private static final long MAX_DIGESTED = 4 << 20;

  private BrowserFields() {}

  /// Adds what can be told from the fields alone.
  ///
  /// @param fields of a whole answer with status 200 that was stored for everybody, with a `Date`
  /// @param lifetimeMillis how long it is fresh here, which is the most that is told
  static void add(Fields fields, String path, long lifetimeMillis, RouteRule rule) {
    String type = type(fields);
    if (type == null || SAID.stream().anyMatch(fields::has) || fields.has(FieldName.SET_COOKIE)) {
      return;
    }
    if (isBuilt(type) && HashedName.isLikely(path)) {
      mark(fields, IMMUTABLE, "immutable");
      return;
    }
    long most = TimeUnit.MILLISECONDS.toSeconds(lifetimeMillis);
    Duration told = rule.browserTtl();
    if (told != null && Math.min(told.toSeconds(), most) > 0) {
      mark(fields, "max-age=" + Math.min(told.toSeconds(), most), "told");
      return;
    }
    long guess = Math.min(guessSeconds(fields), most);
    if (guess <= 0) {
      mark(fields, "no-cache", "asked");
    } else {
      mark(fields, "max-age=" + guess + ", must-revalidate", "guessed");
    }
  }

  /// Has a page about which the app says nothing asked for each time: else a browser would show it
  /// for a tenth of the time since its last change, without a word, after a deploy as before.
  ///
  /// Says nothing that lets anybody keep more, so it goes with pages for one visitor, too.
  static void ask(ResponseHead page, Fields fields) {
    boolean isSilent = SAID.stream().noneMatch(fields::has);
    if (page.status() == 200 && isSilent && Finish.isPage(fields)) {
      mark(fields, "no-cache", "asked");
    }
  }

  /// Adds what takes the content to tell.
  static void complete(Fields fields, String target, byte[][] content) {
    if (Form.length(content) > MAX_DIGESTED) {
      return;
    }
    String mark = fields.first(OPTIMIZED);
    boolean isOurs = isMarked(fields) && mark != null && !mark.equals(MARK + "immutable");
    if (isOurs && HashedName.isProven(target, content)) {
      mark(fields, IMMUTABLE, "immutable");
    }
    OwnTag.add(fields, content);
  }

  /// As [#complete], where the content has stayed as it was: a proof holds on, and a tag is there.
  static void again(Fields fields, Fields before) {
    if (isMarked(fields) && (MARK + "immutable").equals(before.first(OPTIMIZED))) {
      mark(fields, IMMUTABLE, "immutable");
    }
  }

  private static void mark(Fields fields, String control, String what) {
    fields.set(FieldName.CACHE_CONTROL, control);
    fields.set(OPTIMIZED, MARK + what);
  }

  static boolean isMarked(Fields fields) {
    String mark = fields.first(OPTIMIZED);
    return mark != null && mark.startsWith(MARK);
  }

  /// What the app said: what Freshet tells browsers is no word about who may have a file.
  static Fields own(Fields fields) {
    if (!isMarked(fields)) {
      return fields;
    }
    Fields own = fields.copy();
    takeBack(own);
    return own;
  }

  /// Takes out what was added, so that only the app's own word is judged again; a tag may stay.
  static void takeBack(Fields fields) {
    if (isMarked(fields)) {
      fields.remove(FieldName.CACHE_CONTROL);
      fields.remove(OPTIMIZED);
    }
  }

  /// A tenth of the time since the last change, at most a day; 0 where that is not known.
  private static long guessSeconds(Fields fields) {
    String modified = fields.first(FieldName.LAST_MODIFIED);
    String date = fields.first(FieldName.DATE);
    long changed = modified == null ? HttpDate.INVALID : HttpDate.parse(modified);
    long made = date == null ? HttpDate.INVALID : HttpDate.parse(date);
    if (changed == HttpDate.INVALID || made == HttpDate.INVALID) {
      return 0;
    }
    return Math.min(MAX_GUESS_SECONDS, (made - changed) / 10);
  }

  /// The type of what pages are made of, in lower case; null for anything else.
  private static @Nullable String type(Fields fields) {
    String said = fields.first(FieldName.CONTENT_TYPE);
    if (said == null) {
      return null;
    }
    int end = said.indexOf(';');
    String type = (end < 0 ? said : said.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    boolean isMedia =
        type.startsWith("image/") || type.startsWith("audio/") || type.startsWith("video/");
    return isMedia || isBuilt(type) ? type : null;
  }

  private static boolean isBuilt(String type) {
    return BUILT.contains(type) || type.startsWith("font/");
  }
}
