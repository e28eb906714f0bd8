package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What coding content changes in its fields (RFC 9110, sections 8.4 and 8.8.3.3).
///
/// A strong tag names octets, so each coding gets its own: `"abc"` becomes `"abc-br"`. A weak one
/// may stay.
final class CodedVariants {
  private static final List<FieldName> OF_OCTETS =
      List.of(
          FieldName.ACCEPT_RANGES,
          FieldName.of("Content-Digest"),
          FieldName.of("Repr-Digest"),
          FieldName.of("Digest"),
          FieldName.of("Content-MD5"));

  /// Octets of a dictionary's name in a tag.
  private static final int NAMED = 8;

  private static final Pattern AGAINST =
      Pattern.compile("-" + Dictionary.CODING + "[A-Za-z0-9_-]{" + NAMED + "}\"");

  private CodedVariants() {}

  /// The fields of a coded form; the given ones are left alone.
  ///
  /// @param length of the coded content, -1 when only its end will tell
  /// @param finish how a page was made better before it was coded; null for what is no page
  static Fields fields(Fields plain, Coding coding, long length, @Nullable Finish finish) {
    return fields(plain, coding.token(), coding.token(), length, finish);
  }

  /// The fields of a form coded against a dictionary; its tag names the dictionary too.
  static Fields against(Fields plain, Dictionary dictionary, long length, @Nullable Finish finish) {
    String suffix = Dictionary.CODING + dictionary.urlName().substring(0, NAMED);
    Fields out = fields(plain, Dictionary.CODING, suffix, length, finish);
    String vary = out.combined(FieldName.VARY);
    if (vary != null && !vary.equals("*")) {
      out.set(FieldName.VARY, vary + ", " + Dictionaries.AVAILABLE.text());
    }
    return out;
  }

  private static Fields fields(
      Fields plain, String token, String suffix, long length, @Nullable Finish finish) {
    Fields out = plain.copy();
    out.set(FieldName.CONTENT_ENCODING, token);
    if (length >= 0) {
      out.set(FieldName.CONTENT_LENGTH, Long.toString(length));
    } else {
      out.remove(FieldName.CONTENT_LENGTH);
    }
    forgetOctets(out);
    if (finish != null) {
      finish.on(out);
    }
    String tag = out.first(FieldName.ETAG);
    if (tag != null && !tag.startsWith("W/") && tag.endsWith("\"") && tag.length() > 1) {
      out.set(FieldName.ETAG, tag.substring(0, tag.length() - 1) + "-" + suffix + "\"");
    }
    varyOnCoding(out);
    return out;
  }

  /// Takes out what is true of the very octets only that the app sent.
  static void forgetOctets(Fields fields) {
    fields.removeIf(OF_OCTETS::contains);
  }

  /// Adds `Accept-Encoding` to `Vary` unless it is there.
  static void varyOnCoding(Fields fields) {
    varyOn(fields, "Accept-Encoding");
  }

  /// Adds a name to `Vary` unless it is there.
  static void varyOn(Fields fields, String added) {
    String vary = fields.combined(FieldName.VARY);
    if (vary == null) {
      fields.add(FieldName.VARY, added);
      return;
    }
    for (String name : FieldLists.split(vary)) {
      if (name.equals("*") || name.equalsIgnoreCase(added)) {
        return;
      }
    }
    fields.set(FieldName.VARY, vary + ", " + added);
  }

  /// An `If-None-Match` with the origin's own tags in the place of those made here.
  static String originTag(String ifNoneMatch) {
    boolean isOurs = AGAINST.matcher(ifNoneMatch).find();
    for (Coding coding : Coding.values()) {
      isOurs |= ifNoneMatch.contains("-" + coding.token() + "\"");
    }
    if (!isOurs) {
      return ifNoneMatch;
    }
    List<String> out = new ArrayList<>();
    for (String tag : FieldLists.split(ifNoneMatch)) {
      String bare = AGAINST.matcher(tag).replaceFirst("\"");
      for (Coding coding : Coding.values()) {
        String suffix = "-" + coding.token() + "\"";
        if (bare.endsWith(suffix)) {
          bare = bare.substring(0, bare.length() - suffix.length()) + "\"";
          break;
        }
      }
      out.add(bare);
    }
    return String.join(", ", out);
  }
}
