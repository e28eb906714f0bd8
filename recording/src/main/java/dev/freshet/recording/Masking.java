package dev.freshet.recording;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.freshet.base.Trouble;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/* What may be written down of a request, and what stands in the place of the rest.
 *
 * The direction of doubt is to mask. Values of parameters and fields are masked unless they are
 * known to be harmless: a short number, a word of pages, or one whose name the operator gave.
 * Segments of paths are kept unless something speaks against them, since a path is what is
 * replayed: what a token, an address or a long number looks like, and what stands behind a segment
 * that announces a key or a person. Whatever looks like those is masked everywhere, also under a
 * name that is kept.
 *
 * Masking replaces the whole segment or value, never a part: what is next to a secret may belong
 * to it.
 */

/// Masks requests of one recording. Used by one thread.
final class Masking {
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,6}(?:\\.[0-9]{1,2})?");
  private static final Pattern SEPARATOR = Pattern.compile("[-_,.: ]");

  /// Names made by a build: nobody guards anything by the name of a script.
  private static final Pattern CODE_FILE =
      Pattern.compile("[A-Za-z0-9_.~\\[\\]-]{1,120}\\.(?:js|mjs|css|map|woff2?|ttf)");

  private static final Pattern PICTURE =
      Pattern.compile("[A-Za-z0-9_.~-]{1,120}\\.(?:png|jpe?g|gif|svg|webp|avif|ico|mp4|webm)");
  private static final Set<String> BUILT =
      Set.of("assets", "static", "_next", "build", "dist", "packs");

  /// Of archives; nobody of age was born then.
  private static final Pattern DAY = Pattern.compile("20[1-3][0-9]-[01][0-9](?:-[0-3][0-9])?");

  private static final Pattern EXTENSION =
      Pattern.compile(
          "\\.(?:png|jpe?g|gif|svg|webp|avif|ico|mp4|webm|pdf|html?|json|xml|csv)$",
          Pattern.CASE_INSENSITIVE);

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100)
                          .maxNumberLength(200)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final Set<String> keep;
  private final Substitutes substitutes;

  /// @param keep names of parameters and fields whose values stay, unless they look like a secret
  /// @throws Trouble.Found for a name that says it opens something
  Masking(Set<String> keep, Substitutes substitutes) {
    for (String name : keep) {
      if (FieldNames.isKey(name)) {
        throw new Trouble.Found(
            new Trouble(
                "--keep " + name,
                "by its name it lets somebody in, and such values are never recorded",
                "leave it out; give --set " + name + "=... when you replay"));
      }
    }
    this.keep = Set.copyOf(keep);
    this.substitutes = substitutes;
  }

  /// Path and query.
  ///
  /// @param masked told the name of each parameter whose value was masked
  String target(String target, Consumer<String> masked) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    String masks = path(path);
    return query < 0 ? masks : masks + '?' + form(target.substring(query + 1), masked);
  }

  private String path(String path) {
    StringBuilder out = new StringBuilder(path.length());
    String before = "";
    boolean isBehindKey = false;
    boolean isBuilt = false;
    int at = 0;
    while (at <= path.length()) {
      int end = path.indexOf('/', at);
      end = end < 0 ? path.length() : end;
      String raw = path.substring(at, end);
      String segment = Telltale.percentDecoded(raw);
      out.append(at == 0 ? "" : "/");
      out.append(stays(segment, before, isBehindKey, isBuilt) ? raw : masked(segment));
      isBuilt |= BUILT.contains(segment);
      isBehindKey |= FieldNames.precedesKey(segment);
      // Two slashes are as good as one.
      before = segment.isEmpty() ? before : segment;
      at = end + 1;
    }
    return out.toString();
  }

  /// @param before the segment before it
  /// @param isBehindKey whether any before it announces a key: `/verify/email/482913`
  private static boolean stays(
      String segment, String before, boolean isBehindKey, boolean isBuilt) {
    if (segment.isEmpty() || Words.isOfPages(segment)) {
      return true;
    }
    boolean isFile =
        CODE_FILE.matcher(segment).matches() || (isBuilt && PICTURE.matcher(segment).matches());
    if (isFile) {
      return true;
    }
    boolean isNamed = segment.startsWith("~") || segment.indexOf(';') >= 0;
    if (isNamed || segment.indexOf('=') >= 0 || isBehindKey) {
      return false;
    }
    if (DAY.matcher(segment).matches()) {
      return true;
    }
    if (FieldNames.precedesPerson(before)) {
      return NUMBER.matcher(segment).matches();
    }
    return !Telltale.in(segment);
  }

  /// A picture's or page's masked name still ends as its kind does.
  private String masked(String segment) {
    Matcher kind = EXTENSION.matcher(segment);
    int stem = kind.find() && !Telltale.isAddress(segment) ? kind.start() : segment.length();
    return encoded(substitutes.of(segment.substring(0, stem))) + segment.substring(stem);
  }

  /// A query or a form's content: pairs keep their order.
  String form(String pairs, Consumer<String> masked) {
    StringBuilder out = new StringBuilder(pairs.length());
    String separator = "";
    for (String pair : pairs.split("&", -1)) {
      int equals = pair.indexOf('=');
      String rawName = equals < 0 ? "" : pair.substring(0, equals);
      String raw = pair.substring(equals + 1);
      String name = decoded(rawName);
      boolean isTelling = Telltale.in(name);
      String value = decoded(raw);
      out.append(separator);
      out.append(isTelling ? encoded(substitutes.of(name)) : rawName);
      out.append(equals < 0 ? "" : "=");
      if (stays(Field.NONE.in(name, name), value) && !Telltale.in(raw)) {
        out.append(raw);
      } else {
        out.append(encoded(substitutes.of(value)));
        masked.accept(isTelling ? "" : name);
      }
      separator = "&";
    }
    return out.toString();
  }

  /// JSON content; null when it is none.
  @Nullable String json(String text, Consumer<String> masked) {
    try {
      JsonNode root = JSON.readTree(text);
      return root.isMissingNode()
          ? null
          : JSON.writeValueAsString(masked(Field.NONE, root, masked));
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /// Where a value of JSON stands.
  ///
  /// @param isKey whether the name of the field or of one around it says that it opens something
  /// @param isPersonal whether one of these says something about a person
  private record Field(String name, boolean isKey, boolean isPersonal) {
    static final Field NONE = new Field("", false, false);

    /// @param shown the name as it may be told
    Field in(String inner, String shown) {
      return new Field(
          shown, isKey || FieldNames.isKey(inner), isPersonal || FieldNames.isPersonal(inner));
    }
  }

  private JsonNode masked(Field at, JsonNode node, Consumer<String> masked) {
    return switch (node) {
      case ObjectNode object -> {
        ObjectNode out = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
          boolean isTelling = Telltale.in(field.getKey());
          String shown = isTelling ? substitutes.of(field.getKey()) : field.getKey();
          out.set(
              shown,
              masked(
                  at.in(field.getKey(), isTelling ? "" : field.getKey()),
                  field.getValue(),
                  masked));
        }
        yield out;
      }
      case ArrayNode array -> {
        ArrayNode out = JSON.createArrayNode();
        array.forEach(element -> out.add(masked(at, element, masked)));
        yield out;
      }
      default -> scalar(at, node, masked);
    };
  }

  private JsonNode scalar(Field at, JsonNode node, Consumer<String> masked) {
    if (node.isBoolean() || node.isNull() || stays(at, node.asText())) {
      return node;
    }
    masked.accept(at.name());
    if (!node.isNumber()) {
      return TextNode.valueOf(substitutes.of(node.asText()));
    }
    String text = node.asText();
    if (text.indexOf('E') >= 0) {
      // Written out it could be as long as its exponent says.
      text = text.replaceAll("[^0-9]", "");
    }
    try {
      return JSON.readTree(substitutes.ofNumber(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a number's shape with other digits is a number", e);
    }
  }

  private boolean stays(Field at, String value) {
    if (value.isEmpty()) {
      return true;
    }
    if (Telltale.in(value) || at.isKey()) {
      return false;
    }
    return keep.contains(at.name()) || (!at.isPersonal() && isHarmless(value));
  }

  /// A short number, a word of pages, or a few of these of which one is a number at most: several
  /// could be a date of birth or a place.
  private static boolean isHarmless(String value) {
    if (NUMBER.matcher(value).matches()) {
      return true;
    }
    int numbers = 0;
    for (String part : SEPARATOR.split(value, -1)) {
      boolean isNumber = NUMBER.matcher(part).matches();
      numbers += isNumber ? 1 : 0;
      if (!isNumber && !Words.isOfPages(part)) {
        return false;
      }
    }
    return numbers <= 1;
  }

  /// A host: labels that look like a secret are masked.
  String host(String authority) {
    StringBuilder out = new StringBuilder(authority.length());
    for (String label : authority.split("(?<=[.:])", -1)) {
      out.append(Telltale.in(label) ? substitutes.of(label) : label);
    }
    return out.toString();
  }

  private static String decoded(String raw) {
    try {
      return URLDecoder.decode(raw, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not well-formed: as it is.
      return raw;
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// What may be kept of a field that says what content the client takes.
  static String accept(String value) {
    return join(value, MEDIA);
  }

  static String language(String value) {
    return join(value, LANGUAGE);
  }

  private static final Pattern MEDIA =
      Pattern.compile(
          "(?:text/(?:html|css|plain|javascript|event-stream)|\\*/\\*|"
              + "application/(?:json|xml|xhtml\\+xml|javascript|ld\\+json|vnd\\.api\\+json|"
              + "signed-exchange|problem\\+json|x-www-form-urlencoded)|"
              + "image/(?:\\*|avif|webp|png|apng|svg\\+xml|jpeg|gif)|font/woff2?|video/\\*)"
              + "(?:;v=b3)?(?:;q=[01](?:\\.[0-9]{1,3})?)?");
  private static final Pattern LANGUAGE =
      Pattern.compile("(?:[A-Za-z]{2}(?:-[A-Za-z]{2,4})?|\\*)(?:;q=[01](?:\\.[0-9]{1,3})?)?");

  private static String join(String value, Pattern each) {
    List<String> parts =
        List.of(value.split(",", -1)).stream()
            .map(part -> part.replace(" ", ""))
            .filter(part -> each.matcher(part).matches())
            .toList();
    return String.join(", ", parts);
  }
}
