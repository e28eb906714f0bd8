package dev.freshet.load;

import java.util.List;

/// One complete response, as far as load cares.
///
/// @param wireOctets head and content as sent, with what frames it
/// @param contentOctets content alone, still coded
/// @param cookies name=value of each `Set-Cookie`
/// @param closes true when the connection can't be used again
record Answer(
    int status,
    long wireOctets,
    long contentOctets,
    Cache cache,
    List<String> cookies,
    boolean closes) {

  /// What `Cache-Status` said (RFC 9211).
  enum Cache {
    HIT,
    /// It came from the origin and is kept.
    STORED,
    FORWARDED,
    /// There was no such field.
    SILENT
  }

  /// Whether it came from what is kept, or is kept now.
  boolean isKept() {
    return cache == Cache.HIT || cache == Cache.STORED;
  }
}
