package dev.freshet.recording;

import org.jspecify.annotations.Nullable;

/// One request as it was seen, nothing masked yet: never leaves memory.
///
/// @param who tells this visitor from others: a session's cookie, else `Authorization`, else where
///   he comes from
/// @param isByAddress whether nothing better than the address was there to tell him by
/// @param target path and query
/// @param nanos when all of it was there
public record Sighting(
    String who,
    boolean isByAddress,
    String method,
    String host,
    String target,
    Said said,
    Content content,
    long nanos) {

  /// Fields of which something is recorded.
  ///
  /// @param authorization its value; only the scheme is recorded
  /// @param isAjax whether a script of the page asked (`X-Requested-With`)
  /// @param isStream whether what is asked for does not end: an upgrade, or a stream of events
  public record Said(
      @Nullable String accept,
      @Nullable String language,
      @Nullable String range,
      @Nullable String authorization,
      boolean hasCookie,
      boolean isAjax,
      boolean isStream) {

    int length() {
      return length(accept) + length(language) + length(range) + length(authorization);
    }

    private static int length(@Nullable String text) {
      return text == null ? 0 : text.length();
    }
  }

  /// What came behind the head.
  ///
  /// @param type media type, null where none is said
  /// @param isCoded whether a coding is around it
  /// @param octets in all
  /// @param text one character an octet; null when it was not taken along
  public record Content(
      @Nullable String type, boolean isCoded, long octets, @Nullable String text) {
    public static final Content NONE = new Content(null, false, 0, null);
  }

  /// Room it takes in memory, about.
  long weight() {
    String text = content.text();
    return 200L
        + target.length()
        + who.length()
        + said.length()
        + (text == null ? 0 : text.length());
  }
}
