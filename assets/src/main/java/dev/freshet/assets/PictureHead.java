package dev.freshet.assets;

import dev.freshet.http.CacheDirectives;
import dev.freshet.http.FieldLists;
import dev.freshet.http.FieldName;
import dev.freshet.http.Fields;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How the first octets of a picture were answered.
///
/// @param content as many of them as were wanted, or all
@SuppressWarnings("ArrayRecordComponent")
public record PictureHead(int status, Fields fields, byte[] content) {
  /// By what a picture may differ and still have the same size for everybody.
  private static final Set<String> HARMLESS =
      Set.of("accept", "accept-encoding", "origin", "range");

  /// Null for what is no picture, or not the same for everybody by its own word.
  @Nullable Size size() {
    String type = fields.first(FieldName.CONTENT_TYPE);
    boolean isPicture =
        (status == 200 || status == 206)
            && type != null
            && type.regionMatches(true, 0, "image/", 0, 6)
            && !fields.has(FieldName.CONTENT_ENCODING);
    return isPicture && isForEverybody() ? PictureReader.size(new byte[][] {content}) : null;
  }

  private boolean isForEverybody() {
    CacheDirectives said = CacheDirectives.parse(fields);
    String vary = fields.combined(FieldName.VARY);
    return !said.isPrivate()
        && !said.noStore()
        && !fields.has(FieldName.SET_COOKIE)
        && (vary == null
            || FieldLists.split(vary.toLowerCase(Locale.ROOT)).stream()
                .allMatch(HARMLESS::contains));
  }
}
