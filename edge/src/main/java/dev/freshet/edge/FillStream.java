package dev.freshet.edge;

import dev.freshet.http.Fields;
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
/// @param digest of what has come, where it is to get a tag of ours: made piece by piece, as all at
///   the end would hold up the loop; null for none
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
    Track.@Nullable Piece codedStart,
    @Nullable Sha256 digest) {

  boolean isByRows() {
    return prospect.rules().byRows();
  }

  /// Heap octets of what has come, if somebody holds all of it.
  long weight() {
    return plain.weight() + (coded == null ? 0 : coded.weight());
  }

  void append(byte[] octets) {
    plain.append(octets);
    if (digest != null) {
      digest.add(octets);
    }
  }

  /// All has come.
  void end(Fields trailers) {
    plain.end(trailers);
    if (coded != null) {
      coded.end(new Fields(0));
    }
  }

  /// Nothing more will come, and whoever reads is to know that it is not whole.
  void fail() {
    plain.fail();
    if (coded != null) {
      coded.fail();
    }
  }

  /// The same without its first pieces, so that they die when the readers have passed them.
  FillStream forgotten() {
    return new FillStream(
        exchange,
        prospect,
        head,
        length,
        plain,
        coding,
        finish,
        coded,
        new Track().here(),
        null,
        null);
  }
}
