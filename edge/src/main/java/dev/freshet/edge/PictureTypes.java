package dev.freshet.edge;

import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.List;
import java.util.Locale;

/// What `Accept` says of pictures, in the few values that matter. Only what a client names counts:
/// `image/*` and `*/*` are sent by those that know neither. Who opens or saves a picture by itself,
/// or fetches it for a script, gets the file that the URL names.
enum PictureTypes {
  AVIF,
  AVIF_ALONE,
  WEBP,
  NONE,
  ORIGINAL;

  private static final FieldName DEST = FieldName.of("Sec-Fetch-Dest");

  /// What a client may get, the best first.
  List<Shape> best() {
    return switch (this) {
      case AVIF -> List.of(Shape.AVIF, Shape.WEBP, Shape.LEAN);
      case AVIF_ALONE -> List.of(Shape.AVIF, Shape.LEAN);
      case WEBP -> List.of(Shape.WEBP, Shape.LEAN);
      case NONE -> List.of(Shape.LEAN);
      case ORIGINAL -> List.of();
    };
  }

  static PictureTypes of(Fields request) {
    String accept = request.combined(FieldName.ACCEPT);
    String dest = request.first(DEST);
    if (dest != null && !dest.equals("image")) {
      return ORIGINAL;
    }
    if (accept == null) {
      return NONE;
    }
    if (accept.contains("text/html")) {
      return ORIGINAL;
    }
    boolean avif = false;
    boolean webp = false;
    for (String element : FieldLists.split(accept.toLowerCase(Locale.ROOT))) {
      if (element.startsWith("image/avif")) {
        avif |= isWanted(element, "image/avif");
      } else if (element.startsWith("image/webp")) {
        webp |= isWanted(element, "image/webp");
      }
    }
    if (avif) {
      return webp ? AVIF : AVIF_ALONE;
    }
    return webp ? WEBP : NONE;
  }

  private static boolean isWanted(String element, String type) {
    String rest = element.substring(type.length()).replace(" ", "").replace("\t", "");
    if (rest.isEmpty()) {
      return true;
    }
    return rest.startsWith(";") && !isZero(rest);
  }

  /// A weight of 0 (RFC 9110, section 12.4.2).
  private static boolean isZero(String parameters) {
    for (String parameter : parameters.split(";", -1)) {
      if (parameter.startsWith("q=")) {
        return parameter.substring(2).chars().allMatch(c -> c == '0' || c == '.');
      }
    }
    return false;
  }
}
