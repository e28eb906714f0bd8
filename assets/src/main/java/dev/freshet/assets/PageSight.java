package dev.freshet.assets;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// One page as a first visitor sees it.
///
/// @param url where it was in the end, after redirects
/// @param blocking URLs of what must be there before anything is painted
/// @param links where it leads on the same site
/// @param screenshot a JPEG in base64, empty without a browser
public record PageSight(
    String url,
    int status,
    List<Loaded> loaded,
    List<Unused> unused,
    List<Shown> images,
    List<String> blocking,
    List<String> links,
    Paint paint,
    @JsonIgnore String screenshot) {

  /// One answer.
  ///
  /// @param kind `document`, `script`, `stylesheet`, `image`, `font` or `other`
  /// @param status 0 where no answer came
  /// @param wire octets that travelled
  /// @param octets of the body when decoded
  /// @param uncoded what a coded form would spare, 0 where it has one
  /// @param cacheSeconds how long a browser may use it again without asking
  public record Loaded(
      String url,
      String kind,
      int status,
      long wire,
      long octets,
      long uncoded,
      long cacheSeconds) {}

  /// What of a script or style sheet was not used until the page stood.
  public record Unused(String url, long octets, long all) {}

  /// A picture as it is and as it is shown.
  public record Shown(
      String url, int naturalWidth, int naturalHeight, int width, int height, boolean isFirst) {}

  /// Milliseconds from the start of the visit; 0 where it wasn't seen.
  public record Paint(long first, long largest, long loaded) {
    static final Paint UNSEEN = new Paint(0, 0, 0);
  }

  /// Octets that travelled.
  public long wire() {
    return loaded.stream().mapToLong(Loaded::wire).sum();
  }

  /// Octets that travelled by kind, largest first.
  public Map<String, Long> wireByKind() {
    Map<String, Long> sums = new TreeMap<>();
    loaded.forEach(one -> sums.merge(one.kind(), one.wire(), Long::sum));
    Map<String, Long> ordered = new LinkedHashMap<>();
    sums.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(one -> ordered.put(one.getKey(), one.getValue()));
    return ordered;
  }
}
