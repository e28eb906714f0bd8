package dev.freshet.edge;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `Use-As-Dictionary` on scripts and style sheets: what comes after a deploy is coded against what
/// the browser has (RFC 9842, section 2.1).
final class DictionaryFields {
  static final FieldName USE = FieldName.of("Use-As-Dictionary");

  /// A browser uses a dictionary only while it is fresh.
  private static final long MIN_FRESH_SECONDS = TimeUnit.HOURS.toSeconds(1);

  /// Letters that mean themselves in a URL pattern and in a quoted string.
  private static final Pattern PLAIN = Pattern.compile("/[A-Za-z0-9_.~%@!$&',;=/-]*");

  /// The last part of a name before its suffix: in versions of one file that is what changes.
  private static final Pattern VERSIONED =
      Pattern.compile("^(.*[.-])[A-Za-z0-9_]{8,64}((?:\\.(?:min|chunk|bundle))?\\.[a-z0-9]{2,5})$");

  private DictionaryFields() {}

  /// Adds it where the answer is worth it and stays fresh in browsers.
  ///
  /// @param fields of a whole answer with status 200 that everybody may have, as browsers get it
  /// @param length of its content, -1 when not known
  static void add(Fields fields, String url, String path, long length) {
    String destination = destination(fields.first(FieldName.CONTENT_TYPE));
    boolean fits =
        length < 0 || (length >= Dictionaries.MIN_LENGTH && length <= Dictionaries.MAX_LENGTH);
    CacheDirectives said = CacheDirectives.parse(fields);
    boolean isKept =
        said.maxAge() >= MIN_FRESH_SECONDS
            && !said.noStore()
            && !said.isPrivate()
            && !(said.noCache() && said.noCacheFields().isEmpty());
    if (destination == null || !fits || !isKept || fields.has(USE) || !Dictionaries.isSecure(url)) {
      return;
    }
    String use = use(path, destination);
    if (use != null) {
      fields.set(USE, use);
    }
  }

  private static @Nullable String use(String path, String destination) {
    String match = match(path);
    return match == null ? null : "match=\"" + match + "\", match-dest=(\"" + destination + "\")";
  }

  /// Whether it is what [#add] says; an app that says just that says the same.
  static boolean isOurs(Fields fields, String path) {
    String said = fields.combined(USE);
    String destination = said == null ? null : destination(fields.first(FieldName.CONTENT_TYPE));
    return said != null && destination != null && said.equals(use(path, destination));
  }

  private static @Nullable String destination(@Nullable String said) {
    String type = said == null ? "" : said.toLowerCase(Locale.ROOT);
    if (type.startsWith("text/css")) {
      return "style";
    }
    return ContentTerms.isScript(type) ? "script" : null;
  }

  /// The path with a star where its version stands, whatever the query; null when it can't be
  /// written without doubt.
  static @Nullable String match(String path) {
    if (!PLAIN.matcher(path).matches()) {
      return null;
    }
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    Matcher versioned = VERSIONED.matcher(name);
    if (HashedName.isLikely(path) && versioned.matches()) {
      return path.substring(0, slash + 1) + versioned.group(1) + "*" + versioned.group(2);
    }
    return path;
  }
}
