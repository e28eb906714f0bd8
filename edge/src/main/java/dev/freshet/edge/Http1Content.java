package dev.freshet.edge;

import dev.freshet.http.ChunkedReader;
import dev.freshet.http.Fields;
import dev.freshet.http.Framing;
import dev.freshet.http.HeadReader;
import dev.freshet.http.HeadReader.Refused;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The content of one HTTP/1.x request, cut out of what arrives as its framing says (RFC 9112,
/// sections 6 and 7).
final class Http1Content {
  private final @Nullable ChunkedReader chunks;
  private final long max;
  private long left;
  private long seen;

  /// @param length as [Framing#ofRequest] told it: not 0
  /// @param max chunked content beyond it is refused
  Http1Content(long length, HeadReader.Bounds bounds, long max) {
    this.chunks = length == Framing.CHUNKED ? new ChunkedReader(bounds) : null;
    this.left = Math.max(0, length);
    this.max = max;
  }

  /// Takes what belongs to it out of what has arrived and hands it on; nobody to hand it to is no
  /// reason to leave it.
  void take(ByteBuf in, @Nullable Conversation to) throws Refused {
    ChunkedReader reader = chunks;
    if (reader != null) {
      takeChunk(reader, in, to);
      return;
    }
    int n = (int) Math.min(left, in.readableBytes());
    left -= n;
    hand(in.readRetainedSlice(n), to);
  }

  /// One piece at a time, without copying: there may be a chunk for each octet.
  private void takeChunk(ChunkedReader reader, ByteBuf in, @Nullable Conversation to)
      throws Refused {
    while (in.isReadable() && !reader.isDone() && reader.pending() == 0) {
      reader.accept(in.readByte());
    }
    int found = (int) Math.min(reader.pending(), in.readableBytes());
    if (found > 0) {
      reader.took(found);
      seen += found;
      if (seen > max) {
        throw new Refused(413, "the content is too large");
      }
      hand(in.readRetainedSlice(found), to);
    }
  }

  private static void hand(ByteBuf piece, @Nullable Conversation to) {
    if (to != null) {
      to.content(piece);
    } else {
      piece.release();
    }
  }

  boolean isComplete() {
    return chunks == null ? left == 0 : chunks.isDone();
  }

  /// Once it is complete.
  Fields trailers() {
    return chunks == null ? new Fields(0) : chunks.trailers();
  }
}
