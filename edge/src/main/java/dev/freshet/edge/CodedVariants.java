package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.ArrayList;
import java.util.List;
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

  private CodedVariants() {}

  /// The fields of a coded form; the given ones are left alone.
  ///
  /// @param length of the coded content, -1 when only its end will tell
  /// @param finish how a page was made better before it was coded; null for what is no page
  static Fields fields(Fields plain, Coding coding, long length, @Nullable Finish finish) {
    Fields out = plain.copy();
    out.set(FieldName.CONTENT_ENCODING, coding.token());
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
      out.set(FieldName.ETAG, tag.substring(0, tag.length() - 1) + "-" + coding.token() + "\"");
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
    boolean isOurs = false;
    for (Coding coding : Coding.values()) {
      isOurs |= ifNoneMatch.contains("-" + coding.token() + "\"");
    }
    if (!isOurs) {
      return ifNoneMatch;
    }
    List<String> out = new ArrayList<>();
    for (String tag : FieldLists.split(ifNoneMatch)) {
      String bare = tag;
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
