package dev.freshet.edge;

import dev.freshet.cache.Entry;
import dev.freshet.http.EntityTag;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The better contents of one stored response, ready to send. Immutable.
///
/// Each is another representation (RFC 9110, section 8.8.3): it has a tag of its own, made of the
/// app's, so `"abc"` becomes `"abc-webp"` or `"abc-min-br"`. It has no `Last-Modified`: by a time a
/// client might join octets of two of them (section 13.1.5).
///
/// @param contents as they were made
/// @param plain pictures, sent without a coding
/// @param coded what was minified, by coding
/// @param fitted pictures with just the pixels that are shown
record RefinedForms(
    Map<Shape, Refinery.Refined> contents,
    Map<Shape, Form> plain,
    Map<Coding, Form> coded,
    FittedForms fitted) {
  static final RefinedForms EMPTY =
      new RefinedForms(Map.of(), Map.of(), Map.of(), FittedForms.NONE);
  private static final FieldName OPTIMIZED = FieldName.of("Freshet-Optimized");
  private static final Set<Shape> PICTURES = EnumSet.complementOf(EnumSet.of(Shape.MINIFIED));

  /// With one content more; what was coded of an older one is gone.
  RefinedForms with(Refinery.Refined content, Stored original, String stem) {
    Map<Shape, Refinery.Refined> all = new EnumMap<>(Shape.class);
    all.putAll(contents);
    all.put(content.shape(), content);
    if (content.shape() == Shape.MINIFIED) {
      return new RefinedForms(all, plain, Map.of(), fitted);
    }
    Map<Shape, Form> forms = new EnumMap<>(Shape.class);
    forms.putAll(plain);
    Fields fields =
        fields(
            original.fields(),
            stem,
            content.shape(),
            content.shape().token(),
            null,
            Form.length(content.content()));
    forms.put(content.shape(), new Form(new Stored(original.status(), fields), content.content()));
    return new RefinedForms(all, forms, coded, fitted);
  }

  RefinedForms with(Coding coding, byte[][] content, Stored original, String stem) {
    Map<Coding, Form> forms = new EnumMap<>(Coding.class);
    forms.putAll(coded);
    Shape shape = Shape.MINIFIED;
    Fields fields =
        fields(original.fields(), stem, shape, shape.token(), coding, Form.length(content));
    forms.put(coding, new Form(new Stored(original.status(), fields), content));
    return new RefinedForms(contents, plain, forms, fitted);
  }

  /// With a picture of that width.
  RefinedForms with(int width, byte[][] content, Stored original, String stem) {
    String token = Shape.FITTED.token() + width;
    Fields fields =
        fields(original.fields(), stem, Shape.FITTED, token, null, Form.length(content));
    Form form = new Form(new Stored(original.status(), fields), content);
    return with(fitted.with(width, form));
  }

  /// The same, with what is known of its pictures of fewer pixels.
  RefinedForms with(FittedForms widths) {
    return new RefinedForms(contents, plain, coded, widths);
  }

  /// The same contents under the fields of a response that was confirmed.
  RefinedForms under(Stored original) {
    Map<Shape, Form> plains = new EnumMap<>(Shape.class);
    plain.forEach(
        (shape, form) -> plains.put(shape, under(original, shape, shape.token(), null, form)));
    Map<Coding, Form> codeds = new EnumMap<>(Coding.class);
    coded.forEach((coding, form) ->
        codeds.put(coding, under(original, Shape.MINIFIED, Shape.MINIFIED.token(), coding, form)));
    FittedForms widths =
        fitted.map((width, form) ->
            under(original, Shape.FITTED, Shape.FITTED.token() + width, null, form));
    return new RefinedForms(contents, plains, codeds, widths);
  }

  private static Form under(
      Stored original, Shape shape, String token, @Nullable Coding coding, Form form) {
    String tag = original.fields().first(FieldName.ETAG);
    String had = form.head().fields().first(FieldName.ETAG);
    String stem = tag != null || had == null ? stem(tag, "") : had.substring(0, cut(had, token));
    Fields fields = fields(original.fields(), stem, shape, token, coding, form.length());
    return new Form(new Stored(original.status(), fields), form.content());
  }

  private static int cut(String tag, String token) {
    int at = tag.lastIndexOf("-" + token);
    return at < 0 ? tag.length() - 1 : at;
  }

  /// What tags of forms begin with: the app's, open at its end, weak where that is.
  ///
  /// @param digest of the content, for one without a tag
  static String stem(@Nullable String tag, String digest) {
    if (tag == null) {
      return "\"" + digest;
    }
    boolean isQuoted = tag.length() > 1 && tag.endsWith("\"");
    return isQuoted ? tag.substring(0, tag.length() - 1) : "\"" + tag;
  }

  private static Fields fields(
      Fields original,
      String stem,
      Shape shape,
      String token,
      @Nullable Coding coding,
      long length) {
    Fields out = original.copy();
    CodedVariants.forgetOctets(out);
    out.remove(FieldName.LAST_MODIFIED);
    out.set(FieldName.CONTENT_LENGTH, Long.toString(length));
    out.set(OPTIMIZED, token);
    String coded = coding == null ? "" : "-" + coding.token();
    out.set(FieldName.ETAG, stem + "-" + token + coded + "\"");
    if (coding != null) {
      out.set(FieldName.CONTENT_ENCODING, coding.token());
      CodedVariants.varyOnCoding(out);
    }
    if (PICTURES.contains(shape)) {
      varyOnAccept(out);
      switch (shape) {
        case AVIF, WEBP -> out.set(FieldName.CONTENT_TYPE, "image/" + shape.token());
        case FITTED -> FittedForms.fields(out);
        case LEAN, MINIFIED -> {}
      }
    }
    return out;
  }

  /// The fields of a minified content that is not coded yet.
  static Fields minified(Entry<StoredResponse> entry) {
    Fields said = entry.meta().head().fields();
    String tag = said.first(FieldName.ETAG);
    String stem = stem(tag, tag == null ? new Sha256().addAll(entry.body()).endShort() : "");
    return fields(said, stem, Shape.MINIFIED, Shape.MINIFIED.token(), null, 0);
  }

  /// Adds `Accept` to `Vary`.
  static void varyOnAccept(Fields fields) {
    CodedVariants.varyOn(fields, "Accept");
  }

  /// Which of the tags in an `If-None-Match` names the original or another form of what this form
  /// is of; null for none. A client that has any picture of it that it can show needs no other; one
  /// with the tag of another may be a cache in between, which asks for somebody else.
  ///
  /// @param tag of the original
  /// @param shown what the client can show beside what everybody can
  static @Nullable String known(
      String ifNoneMatch, @Nullable String tag, String formTag, List<Shape> shown) {
    List<String> all = FieldLists.split(ifNoneMatch);
    for (String given : all) {
      if (given.equals("*") || EntityTag.weakEquals(given, formTag)) {
        return formTag;
      }
    }
    Named form = Named.of(formTag);
    for (String given : all) {
      String bare = CodedVariants.originTag(given);
      Named other = Named.of(bare);
      boolean isOwn = tag != null && EntityTag.weakEquals(bare, tag);
      boolean isOther = form != null && other != null && other.isEnoughFor(form, shown);
      if (isOwn || isOther) {
        return given;
      }
    }
    return null;
  }

  /// What a form's tag says.
  ///
  /// @param width of the picture; [#FULL] for one that has all its pixels
  private record Named(String stem, Shape shape, int width) {
    private static final int FULL = Integer.MAX_VALUE;
    private static final Pattern FITTED =
        Pattern.compile("(.*)-" + Shape.FITTED.token() + "([0-9]{1,5})\"");

    static @Nullable Named of(String tag) {
      String bare = CodedVariants.originTag(tag);
      Matcher fitted = FITTED.matcher(bare);
      if (fitted.matches()) {
        return new Named(fitted.group(1), Shape.FITTED, Integer.parseInt(fitted.group(2)));
      }
      for (Shape shape : Shape.values()) {
        String end = "-" + shape.token() + "\"";
        if (shape != Shape.FITTED && bare.endsWith(end)) {
          return new Named(bare.substring(0, bare.length() - end.length()), shape, FULL);
        }
      }
      return null;
    }

    /// Whether who has it can do without the other.
    boolean isEnoughFor(Named other, List<Shape> shown) {
      return stem.equals(other.stem)
          && width >= other.width
          && (shape == other.shape
              || shape == Shape.LEAN
              || shape == Shape.FITTED
              || shown.contains(shape));
    }
  }

  /// The best picture that the client can show; null where that is the original.
  @Nullable Form picture(PictureTypes accepted) {
    for (Shape shape : accepted.best()) {
      Form form = plain.get(shape);
      if (form != null) {
        return form;
      }
    }
    return null;
  }

  /// Estimated octets of heap.
  long weight() {
    long weight = contents.isEmpty() ? 0 : 100;
    for (Form form : plain.values()) {
      weight += 300 + 3L * form.head().lines().length + form.length();
    }
    for (Form form : coded.values()) {
      weight += 300 + 3L * form.head().lines().length + form.length();
    }
    weight += fitted.weight();
    Refinery.Refined minified = contents.get(Shape.MINIFIED);
    return weight + (minified == null ? 0 : 100 + Form.length(minified.content()));
  }
}
