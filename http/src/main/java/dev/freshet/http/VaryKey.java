package dev.freshet.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a response's `Vary` selects on, and how request values are made comparable (RFC 9110,
/// section 12.5.5; RFC 9111, section 4.1).
///
/// @param isStar true when any member is `*`, or no field name: nothing can match
/// @param names unique, in alphabetical order
public record VaryKey(boolean isStar, List<FieldName> names) {
  /// An empty value; no other value is white space alone.
  private static final String PRESENT = " ";

  private static final VaryKey NONE = new VaryKey(false, List.of());

  /// From all `Vary` lines.
  public static VaryKey parse(Fields response) {
    if (!response.has(FieldName.VARY)) {
      return NONE;
    }
    TreeMap<String, FieldName> names = new TreeMap<>();
    for (String line : response.all(FieldName.VARY)) {
      for (String name : FieldLists.split(line)) {
        // `*` is a token too. What is no name at all selects on something unknown.
        if (name.equals("*") || !FieldLists.isToken(name)) {
          return new VaryKey(true, List.of());
        }
        FieldName field = FieldName.of(name);
        names.put(field.lower(), field);
      }
    }
    return new VaryKey(false, List.copyOf(names.values()));
  }

  /// A request's value in a form that is equal for requests that mean the same; empty when absent,
  /// which only codings and languages may be without being absent (RFC 9111, section 4.1).
  public static String normalised(FieldName name, Fields request) {
    String value = request.combined(name);
    if (value == null) {
      return "";
    }
    if (name.equals(FieldName.ACCEPT_ENCODING)) {
      return codings(value);
    }
    if (name.equals(FieldName.ACCEPT_LANGUAGE)) {
      return languages(value);
    }
    String form = listForm(value);
    return form.isEmpty() ? PRESENT : form;
  }

  /// The codings in use on the web that are acceptable, in fixed order: `br, gzip, zstd` or fewer.
  public static String codings(String acceptEncoding) {
    TreeSet<String> out = new TreeSet<>();
    for (Weighted w : weigh(acceptEncoding)) {
      String coding = w.value().equals("x-gzip") ? "gzip" : w.value();
      boolean isKnown = coding.equals("br") || coding.equals("gzip") || coding.equals("zstd");
      if (isKnown && w.weight() > 0) {
        out.add(coding);
      }
    }
    return String.join(", ", out);
  }

  /// The language that the request wants most, lower case; empty when it wants none in particular.
  public static String preferredLanguage(Fields request) {
    String value = request.combined(FieldName.ACCEPT_LANGUAGE);
    if (value == null) {
      return "";
    }
    List<Weighted> all = weigh(value);
    all.sort((a, b) -> Integer.compare(b.weight(), a.weight()));
    boolean isClear =
        !all.isEmpty()
            && all.getFirst().weight() > 0
            && (all.size() == 1 || all.get(1).weight() < all.getFirst().weight());
    return isClear ? all.getFirst().value() : "";
  }

  private static String languages(String value) {
    List<Weighted> all = weigh(value);
    all.sort((a, b) ->
        a.weight() != b.weight()
            ? Integer.compare(b.weight(), a.weight())
            : a.value().compareTo(b.value()));
    List<String> out = new ArrayList<>();
    all.forEach(w -> out.add(w.weight() == 1000 ? w.value() : w.value() + ";q=" + w.weight()));
    return String.join(",", out);
  }

  private static String listForm(String value) {
    if (value.indexOf(',') < 0) {
      return value;
    }
    return String.join(",", FieldLists.split(value));
  }

  /// @param weight 0 to 1000
  private record Weighted(String value, int weight) {}

  private static List<Weighted> weigh(String list) {
    List<Weighted> out = new ArrayList<>();
    for (String element : FieldLists.split(list)) {
      int semicolon = element.indexOf(';');
      String value = semicolon < 0 ? element : element.substring(0, semicolon).strip();
      out.add(new Weighted(value.toLowerCase(Locale.ROOT), weight(element, semicolon)));
    }
    return out;
  }

  private static int weight(String element, int semicolon) {
    int q = semicolon < 0 ? -1 : element.toLowerCase(Locale.ROOT).indexOf("q=", semicolon);
    if (q < 0) {
      return 1000;
    }
    String digits = element.substring(q + 2).strip();
    int weight = 0;
    int scale = 1000;
    for (int i = 0; i < digits.length() && i < 5; i++) {
      char c = digits.charAt(i);
      if (c == '.' && i == 1) {
        continue;
      }
      if (c < '0' || c > '9') {
        break;
      }
      weight += (c - '0') * scale;
      scale /= 10;
    }
    return Math.min(weight, 1000);
  }
}
