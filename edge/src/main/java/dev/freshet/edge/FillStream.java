package dev.freshet.edge;

import dev.freshet.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/// A response on its way into the cache.
///
/// @param exchange with the app, as what time keeps is judged by it
/// @param prospect what will be stored, with the length as far as known
/// @param head status and fields to send, without coding
/// @param length announced length of the content as the origin sends it, or -1
/// @param coding in which `coded` is, or null when there is only the content itself
/// @param finish of `coded`, if it is a page
record FillStream(
    Storing.Trip exchange,
    StoredResponse prospect,
    ResponseHead head,
    long length,
    Track plain,
    @Nullable Coding coding,
    @Nullable Finish finish,
    @Nullable Track coded,
    Track.Piece plainStart,
    Track.@Nullable Piece codedStart) {

  boolean isByRows() {
    return prospect.rules().byRows();
  }

  /// The same without its first pieces, so that they die when the readers have passed them.
  FillStream forgotten() {
    return new FillStream(
        exchange, prospect, head, length, plain, coding, finish, coded, new Track().here(), null);
  }
}
